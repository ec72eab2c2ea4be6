/** The inputs of ../shared/cases through the built command line: each gives its right value, or the right refusal. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Failure } from '../../protocol/failure';
import type { Report } from '../../protocol/report';
import { decodeImage } from '../../server/src/imaging/decode';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { sharedFile } from '../support/shared';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('cases');

type Line =
  | { readonly ok: true; readonly image: string; readonly folder: string; readonly report: Report }
  | { readonly ok: false; readonly image: string; readonly failure: Failure };

interface Ran {
  readonly code: number | null;
  readonly lines: readonly Line[];
  readonly text: string;
}

async function analyze(...args: readonly string[]): Promise<Ran> {
  const { code, stdout, stderr } = await residentCli(['analyze', ...args, '--output', folder, '--json']);
  assert.notEqual(code, 1, stderr);
  assert.doesNotMatch(stdout + stderr, /a bug in Inference Lens/);
  const lines = stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return { code, lines, text: stderr + stdout };
}

function only({ lines, text }: Ran): Report {
  const [line] = lines;
  assert.ok(line?.ok, text);
  return line.report;
}

const codesOf = ({ warnings }: Report): readonly string[] => warnings.map(({ code }) => code);

/** Equal to six digits, as a tolerance of the largest. */
function near(found: readonly unknown[], expected: readonly number[], tolerance = 1e-4): void {
  assert.equal(found.length, expected.length, JSON.stringify(found));
  const scale = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => {
    assert.ok(
      Math.abs(Number(found[i]) - value) <= tolerance * scale,
      `${JSON.stringify(found)} is ${JSON.stringify(expected)}`,
    );
  });
}

interface Picture {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly sha256: string;
  readonly mean: readonly number[];
}

/** Refused, with what is said of it; or read although OpenCV reads none. */
const refusals: Readonly<Record<string, RegExp>> = {
  'gif-damaged/cut90.gif': /cut90\.gif .*(damaged|cut short|ends early)/,
  'tiff-tiles-lost/truncated_tiled.tif': /truncated_tiled\.tif .*(damaged|cut short|ends early|incomplete)/,
  'tiff-tiles-lost/corrupt_tile.tif': /corrupt_tile\.tif .*damaged/,
  'tiff-tiles-lost/lzma_tile.tif': /lzma_tile\.tif .*LZMA/,
  'tiff-cmyk16/cmyk16.tif': /cmyk16\.tif .*CMYK/,
  'wrong-diagnosis/zstd.tif': /zstd\.tif .*(ZSTD|Zstandard)/i,
};

describe('pictures: every pixel is OpenCV’s, or the picture is refused with the reason', () => {
  const golden = JSON.parse(
    readFileSync(join(import.meta.dirname, '../golden/cases/images.json'), 'utf8'),
  ) as { pictures: Readonly<Record<string, Picture | null>> };
  const names = Object.keys(golden.pictures);

  test('all in one run', async (t) => {
    const weights = sharedFile(t, 'cases/onnx-head-activation/softmax.onnx');
    if (weights === null) return;
    const files = names.map((name) => sharedFile(t, `cases/${name}`) ?? '');
    const options = ['--pipeline', 'imagenet', '--detector', 'none', '--weights', weights];
    const { code, lines } = await analyze(...files, ...options);
    assert.equal(code, 3, 'some are refused');
    for (const [i, name] of names.entries()) {
      const [line, expected, refusal] = [lines[i], golden.pictures[name], refusals[name]];
      assert.ok(line, name);
      if (refusal !== undefined) {
        assert.ok(!line.ok, `${name} is refused`);
        assert.match(line.failure.message, refusal);
        assert.equal(line.failure.kind, 'image');
        continue;
      }
      assert.ok(line.ok, `${name}: ${line.ok ? '' : line.failure.message}`);
      if (expected === null || expected === undefined) continue; // OpenCV reads less than we do
      const { image } = await decodeImage(join(line.folder, line.report.input.pictures.original));
      assert.deepEqual([image.height, image.width, 3], expected.shape, name);
      const bgr = Buffer.from(image.data);
      for (let at = 0; at < bgr.length; at += 3) bgr.subarray(at, at + 3).reverse();
      const mean = [0, 1, 2].map(
        (c) => bgr.filter((_, at) => at % 3 === c).reduce((a, b) => a + b, 0) / (bgr.length / 3),
      );
      near(mean, expected.mean, name.endsWith('.avif') ? 2e-3 : 1e-9);
      if (!name.endsWith('.avif'))
        assert.equal(createHash('sha256').update(bgr).digest('hex'), expected.sha256, name);
    }
  });
});

const RESNET = [6166.6855, 2687.4812];

interface Row {
  readonly file: string;
  readonly args?: readonly string[];
  readonly logits?: readonly number[];
  readonly probabilities?: readonly number[];
  readonly predicted?: string;
  /** Said with the result, or in the refusal; anywhere in it. */
  readonly says?: RegExp;
  readonly never?: RegExp;
  readonly code?: number;
}

const plain = ['--pipeline', 'imagenet'];
/** Of a network that another row computes in all its layers: here its outputs are looked at. */
const briefly = [...plain, '--layers', 'last'];
const rows: readonly Row[] = [
  { file: 'extra-tensors/swa_averaged_model.tar', logits: RESNET, says: /n_averaged/ },
  { file: 'extra-tensors/lightning_loss.ckpt', args: briefly, logits: RESNET, says: /criterion\.weight/ },
  { file: 'extra-tensors/epoch_tensor.pth', args: briefly, logits: RESNET, says: /epoch/ },
  { file: 'extra-tensors/plain_prefix_probe.pth', args: briefly, logits: RESNET },
  { file: 'false-alarm/partial_beside_weights.tar', args: briefly, logits: RESNET, never: /would run/ },
  { file: 'harmless-objects/numpy_randomstate.tar', args: briefly, logits: RESNET },
  { file: 'hostile-advice/uuid_command.pkl', code: 4, never: /in Python and|torch\.save/ },
  { file: 'renamed-head/icpr_layout.pth', logits: [-0.0174], says: /classifier/ },
  {
    file: 'renamed-head/bench_layout.pth',
    args: [...briefly, '--architecture', 'efficientnet_pytorch/b0'],
    logits: [-0.0174, -0.0361],
    says: /last_layer/,
  },
  {
    file: 'same-shapes-other-network/resnetblur18.pth',
    args: [...plain, '--architecture', 'timm/resnetblur18'],
    logits: [-12.5686, 38.3918, 26.1008],
  },
  { file: 'same-shapes-other-network/resnetblur18.pth', args: briefly, says: /resnetblur18/ },
  {
    file: 'two-state-dicts/state_dict_and_ema.tar',
    args: briefly,
    logits: RESNET,
    says: /state_dict_ema|ema/,
  },
  { file: 'two-state-dicts/student_teacher.tar', code: 4, says: /--state-dict/ },
  {
    file: 'two-state-dicts/student_teacher.tar',
    args: [...briefly, '--state-dict', 'student'],
    says: /student/,
  },
  { file: 'wrong-diagnosis/fp8.safetensors', code: 4, says: /float8.*float16/s, never: /damaged/ },
  {
    file: 'nan-verdict/nan_bias.pth',
    args: ['--pipeline', 'sbi', '--detector', 'none'],
    predicted: 'undecided',
    says: /NaN/,
  },
  {
    file: 'single-logit-label/logit1.onnx',
    args: ['--pipeline', 'sbi', '--detector', 'none', '--target', 'fake'],
    logits: [-0.9293],
    probabilities: [0.717, 0.283],
    predicted: 'real',
  },
  { file: 'onnx-head-activation/sigmoid1.onnx', logits: [-0.9612], probabilities: [0.7234, 0.2766] },
  { file: 'onnx-head-activation/softmax_round.onnx', probabilities: [0.2484, 0.4228, 0.3288] },
  { file: 'onnx-head-activation/softmax_manual.onnx', probabilities: [0.2484, 0.4228, 0.3288] },
  { file: 'onnx-head-activation/softmax_squeeze.onnx', probabilities: [0.2484, 0.4228, 0.3288] },
  { file: 'onnx-head-activation/softmax.onnx', logits: [-0.2418, 0.0955], probabilities: [0.4165, 0.5835] },
];

describe('models: the right numbers, or the right words', () => {
  for (const { file, args = plain, logits, probabilities, predicted, says, never, code = 0 } of rows)
    test([file, ...args].join(' '), async (t) => {
      const weights = sharedFile(t, `cases/${file}`);
      if (weights === null) return;
      const ran = await analyze(samplePath, '--weights', weights, ...args);
      assert.equal(ran.code, code, ran.text);
      if (says !== undefined) assert.match(ran.text, says);
      if (never !== undefined) assert.doesNotMatch(ran.text, never);
      if (code !== 0) return;
      const report = only(ran);
      if (logits !== undefined) near(report.classifier.logits, logits);
      if (probabilities !== undefined) near(report.classifier.probabilities ?? [], probabilities, 2e-4);
      if (predicted !== undefined) assert.equal(report.classifier.predicted.label, predicted);
      if (predicted === 'undecided') assert.ok(codesOf(report).includes('undecided'));
    });
});

/** Milliseconds on the clock after which a case counts as hanging, on a machine that does other things too; CPU time is measured by `npm run fuzz`. */
const RELIABILITY_LIMIT = 180_000;

describe('hostile and huge models: a result or a refusal, soon, without a raw name on the terminal', () => {
  test('each of cases/reliability', async (t: TestContext) => {
    const place = sharedFile(t, 'cases/reliability');
    if (place === null) return;
    for (const name of readdirSync(place).filter((file) => file.endsWith('.onnx'))) {
      const weights = join(place, name);
      const options = ['--pipeline', 'imagenet', '--detector', 'none', '--weights', weights];
      const { code, stdout, stderr } = await residentCli(
        ['analyze', samplePath, ...options, '--output', folder],
        {
          timeoutMs: RELIABILITY_LIMIT,
        },
      );
      assert.ok(code === 0 || code === 4, `${name}: exit ${code}\n${stderr}`);
      assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, name);
      if (code === 4) assert.ok(stderr.includes(weights), `${name} is named: ${stderr}`);
      assert.doesNotMatch(stderr, code === 4 ? /graph\.onnx|device|bug/ : /graph\.onnx|a bug in/, name);
    }
  });
});
