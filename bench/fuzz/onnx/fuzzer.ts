/** Puts broken ONNX models through the whole analysis: from the file to the report folder. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AnalysisOptions } from '../../../protocol/options';
import { DEFAULT_OPTIONS } from '../../../test/support/default-options';
import type { Report } from '../../../protocol/report';
import { asLensError } from '../../../server/src/errors';
import { encodeRgbPng } from '../../../server/src/imaging/png/png';
import { encodeModel } from '../../../server/src/onnx/write';
import { analyze } from '../../../server/src/pipeline/run';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { printableJson, UNSEEN } from '../../../server/src/printable';
import { smallClassifier } from '../../../test/support/small-classifier';
import type { Fuzzer, Outcome } from '../kind';
import type { Random } from '../random';
import { brokenBytes, mutated } from './mutate';
import { samples } from './samples';

const SIDE = 48;

/** MB that a network may take: what the analysis may take as a whole, less what it needs beside the network. */
const MEMORY_LIMIT = 200;

export async function openOnnxFuzzer(): Promise<Fuzzer> {
  const pixels = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i * 31) % 256);
  const image = await encodeRgbPng({ width: SIDE, height: SIDE, data: pixels });
  const cache = mkdtempSync(join(tmpdir(), 'lens-fuzz-cache-'));
  // One for all, as in the editor: what one model leaves behind must not be in the way of the next.
  const bench = new Workbench(cache);
  const good = mkdtempSync(join(tmpdir(), 'lens-fuzz-good-'));
  writeFileSync(join(good, 'model.onnx'), encodeModel(smallClassifier()));
  writeFileSync(join(good, 'image.png'), image);
  const { accepted, outcome } = await attempt(join(good, 'model.onnx'), bench);
  if (!accepted) throw new Error(`A good model is refused: ${outcome}`);
  rmSync(good, { recursive: true });
  return {
    make: (random, folder) => Promise.resolve(make(random, folder, image)),
    attempt: ({ path }) => attempt(path, bench),
    close: async () => {
      await bench.dispose();
      rmSync(cache, { recursive: true, force: true });
    },
  };
}

function make(random: Random, folder: string, image: Uint8Array): { sample: string; path: string } {
  const { name, model } = random.pick(samples);
  // A few stay as they are, so that it shows if everything were refused.
  const kind = random.below(20);
  const changed = kind === 0 ? model : mutated(model, random);
  const bytes = encodedOrNot(changed, model);
  const path = join(folder, 'model.onnx');
  writeFileSync(path, kind < 3 && kind > 0 ? brokenBytes(bytes, random) : bytes);
  writeFileSync(join(folder, 'case.data'), Buffer.alloc(8192));
  writeFileSync(join(folder, 'image.png'), image);
  return { sample: name, path };
}

/** Some broken models cannot be written by our own encoder. */
function encodedOrNot(changed: Parameters<typeof encodeModel>[0], otherwise: typeof changed): Buffer {
  try {
    return Buffer.from(encodeModel(changed));
  } catch {
    return Buffer.from(encodeModel(otherwise));
  }
}

async function attempt(path: string, bench: Workbench): Promise<Outcome> {
  const folder = dirname(path);
  const output = join(folder, 'out');
  mkdirSync(output);
  try {
    const result = await analyze(join(folder, 'image.png'), optionsFor(path, output), bench);
    return reportOf(result.folder);
  } catch (thrown) {
    const { kind, message, fix, cause } = asLensError(thrown);
    const line = oneLineOf(message);
    const stack = kind === 'internal' && cause instanceof Error ? `\n${cause.stack ?? ''}` : '';
    // A model is what is wrong: neither this program, nor the device, nor the disk; and the user's file is what it is called.
    const broken =
      kind !== 'model' || !message.includes(path) || message.includes('graph.onnx') || fix === undefined;
    return { outcome: `${kind}: ${line}${stack}`, accepted: false, broken };
  }
}

const optionsFor = (weights: string, output: string): AnalysisOptions => ({
  ...DEFAULT_OPTIONS,
  ...{ pipeline: 'imagenet', weights, detector: 'none', device: 'cpu', threads: 1 },
  ...{ memoryLimit: MEMORY_LIMIT, output },
});

/** What stands in a report is text and JSON that holds, whatever the names. */
function reportOf(folder: string): Outcome {
  const json = readFileSync(join(folder, 'report.json'), 'utf8');
  const markdown = readFileSync(join(folder, 'report.md'), 'utf8');
  const parsed = JSON.parse(json) as Report;
  const unseen = markdown.replaceAll('\n', '').match(UNSEEN);
  const terminal = printableJson(parsed).match(UNSEEN);
  const broken = unseen !== null || terminal !== null;
  return {
    outcome: broken ? 'a report with unseen characters' : 'a report',
    accepted: true,
    broken,
    layers: parsed.layers.length,
  };
}

/** Without what differs from case to case. */
const oneLineOf = (message: string): string =>
  message
    .replace(/^\S*model\.onnx: /, '')
    .replace(/\/\S*lens-fuzz-[^/]*\/\d+/g, '...')
    .replace(/"(?:[^"\\]|\\.)*"/gs, '"..."')
    .replace(/Name:'.*?' /gs, "Name:'...' ")
    .replace(/\[[-\d, ?a-z.]*\]/g, '[#]')
    .replace(/-?\b\d[\d.e+]*/g, '#')
    .slice(0, 160);
