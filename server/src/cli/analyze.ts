/** `inference-lens analyze`: one report folder for each image; one image's failure does not stop the others. */
import type { Progress } from '../../../protocol/analysis';
import type { Failure } from '../../../protocol/failure';
import type { FinishedReport } from '../../../protocol/requests';
import type { Engine } from '../engine/engine';
import { createEngine } from '../engine/engine';
import type { LensError } from '../errors';
import { asLensError } from '../errors';
import { printableJson } from '../printable';
import { BatchWeights } from '../pipeline/network/batch-weights';
import { noteDeprecations } from './deprecations';
import { DONE, exitCodes } from './exit-codes';
import type { GivenImage } from './find-images';
import { findImages } from './find-images';
import type { WaitingThread } from '../runtime/session-thread';
import { inOrder } from '../system/in-order';
import { optimizeLess } from '../system/v8-flags';
import type { AnalyzeCommand } from './options';
import { parseAnalyze } from './options';
import { makeOutput } from './output-folder';
import { failureLine } from './remedies';
import type { Shown } from './shown';
import { showMany, showOne } from './shown';
import { Terminal } from './terminal';

/**
 * Images in progress at the same time: while one is in the network, the next is read and prepared and the one
 * before is drawn. More would only wait, with their pixels in memory (bench/NOTES.md, "Many images").
 */
export const UNDER_WAY = 3;

/**
 * Returns the exit code: that of an interrupt if there was one, else of the first failure, or 0.
 * @param thread for the first network
 */
export async function runAnalyze(
  args: readonly string[],
  signal: AbortSignal,
  thread: WaitingThread,
): Promise<number> {
  const command = parseAnalyze(args);
  const images = await findImages(command.images);
  const terminal = new Terminal(command.quiet);
  noteDeprecations(command.options, terminal);
  const shown = images.length === 1 ? showOne(command, terminal) : showMany(command, terminal, images.length);
  const leaveOutput = images.length === 1 ? null : await makeOutput(command.options.output);
  const once = images.length === 1;
  if (once) optimizeLess();
  const engine = createEngine({ once, thread });
  try {
    return await analyzeAll(engine, images, command, shown, signal);
  } finally {
    await engine.dispose();
    await leaveOutput?.();
  }
}

interface Outcome {
  readonly image: string;
  readonly result: FinishedReport | LensError;
}

async function analyzeAll(
  engine: Engine,
  images: readonly GivenImage[],
  { options, force, json }: AnalyzeCommand,
  shown: Shown,
  interrupt: AbortSignal,
): Promise<number> {
  const hopeless = new AbortController();
  const signal = AbortSignal.any([interrupt, hopeless.signal]);
  const weights = new BatchWeights();
  const attempt = async ({ image, refused }: GivenImage, index: number): Promise<Outcome> => {
    const progress = (now: Progress): void => shown.progress(index, image, now);
    try {
      if (refused !== null) throw refused;
      const hooks = { signal, allowHuge: force, several: images.length > 1, weights, progress };
      const result = await engine.run('analyze', { image, options }, hooks);
      return { image, result };
    } catch (thrown) {
      return { image, result: asLensError(thrown) };
    } finally {
      shown.finished(index, image);
    }
  };

  let code = DONE;
  let printed = 0;
  for await (const { image, result } of inOrder(images, UNDER_WAY, attempt, signal)) {
    if (!(result instanceof Error)) {
      printed += 1;
      if (json) writeLine({ ok: true, image, ...result });
      shown.report(image, result);
      continue;
    }
    if (hopeless.signal.aborted) continue; // cancelled because of an earlier failure, or the same failure again
    if (json) writeLine({ ok: false, image, failure: failureLine(result) });
    if (result.kind === 'cancelled' && interrupt.aborted) continue; // reported once, at the end
    printed += 1;
    if (code === DONE) code = exitCodes[result.kind];
    shown.failure(image, result);
    if (isHopeless(result)) hopeless.abort();
  }
  const interrupted = interrupt.aborted && printed < images.length;
  shown.end(interrupted, images.length > 1 ? await weights.change() : null);
  return interrupted ? exitCodes.cancelled : code;
}

/** Every other image would fail in the same way. */
const isHopeless = ({ kind, code }: LensError): boolean =>
  ['usage', 'model', 'device'].includes(kind) || code === 'disk-full';

type Line =
  | ({ readonly ok: true; readonly image: string } & FinishedReport)
  | { readonly ok: false; readonly image: string; readonly failure: Failure };

const writeLine = (line: Line): void => void process.stdout.write(`${printableJson(line)}\n`);
