/** Every option of an analysis goes into its report and comes back. */
import assert from 'node:assert/strict';
import { join, sep } from 'node:path';
import { describe, test } from 'node:test';
import { parseReport } from '../../../protocol/read-report';
import type { Report } from '../../../protocol/report';
import { toJson } from '../../../server/src/report/json';
import type { ReportedOptions } from '../../../server/src/report/options';
import { describeOptions, optionsOf } from '../../../server/src/report/options';
import { referenceRun } from './reference-run';

/** One value a field, and none that anything falls back to. A new option has to be added here before this compiles. */
const asked: { readonly [Name in keyof Required<ReportedOptions>]: NonNullable<ReportedOptions[Name]> } = {
  pipeline: 'sbi',
  lens: '/models/best.lens.json',
  weights: '/models/best.pth',
  architecture: 'timm/tf_efficientnet_b0',
  stateDict: 'ema.module',
  target: 'pred',
  activation: 'sigmoid',
  detector: 'retinaface',
  box: [10, 20.5, 300, 400],
  strokes: [{ line: [[3, 4.5]], radius: 2, fill: { color: [1, 2, 3] } }],
  crop: 'sbi',
  maxSize: 640,
  layers: 'blocks[-1]',
  methods: ['layercam', 'gradcam'],
  device: 'cuda',
  threads: 3,
  output: join(sep, 'reports'),
};
const folder = join(asked.output, 'sbi_inference_x_20261126_120000', 'result');

/** As a reader of the file finds it. */
function reread(report: Report): Report {
  const read = parseReport(toJson(report));
  assert.ok(read.ok, read.ok ? '' : read.fault);
  return read.report;
}

const taken = { weights: 'demo', detector: 'blazeface' } as const;

const edited = { strokes: 1, pixels: 13, picture: 'steps/a_input/edited.png' };

const reported = (options: ReportedOptions, more: Parameters<typeof describeOptions>[1] = taken) =>
  reread({
    ...referenceRun,
    input: { ...referenceRun.input, ...(options.strokes === null ? {} : { edited }) },
    options: describeOptions({ ...options, memoryLimit: null, pictures: null, ffmpeg: null }, more),
  });

const round = (...given: Parameters<typeof reported>) => optionsOf(reported(...given), folder);

describe('there and back', () => {
  const same = { ...taken, pipeline: asked.pipeline, weights: asked.weights };
  for (const name of Object.keys(asked) as (keyof ReportedOptions)[])
    test(name, () => {
      assert.deepEqual(round(asked, same)[name], asked[name]);
      const { options } = reported(asked, same);
      if (name !== 'output') assert.deepEqual(options?.[name], asked[name], 'not by chance');
    });
});

test('what was left open comes back as what was taken; what the network decides stays open', () => {
  const open: ReportedOptions = {
    ...asked,
    ...{
      pipeline: null,
      weights: null,
      architecture: null,
      stateDict: null,
      target: null,
      box: null,
      strokes: null,
    },
    ...{ activation: 'auto', detector: 'auto', crop: null, maxSize: null, threads: null, device: 'auto' },
  };
  assert.deepEqual(round(open), { ...open, ...taken });
});

test('a box beside a lens that looks for no faces does not make one that does', () => {
  const open: ReportedOptions = { ...asked, detector: null };
  const detector = (otherwise: 'none' | 'retinaface') =>
    round(open, { weights: 'demo', detector: 'box', otherwise }).detector;
  assert.equal(detector('none'), 'none');
  assert.equal(detector('retinaface'), 'retinaface');
});

test('a detector that the lens names is not repeated as an option; where the lens leaves it open, the one that was taken is', () => {
  const open: ReportedOptions = { ...asked, detector: null };
  const named = (value: string, origin: 'beside' | 'option') => {
    const lens = {
      name: 'own',
      values: [{ key: 'detector.use', value, origin, detail: 'own.lens.json:3:3' }],
    } as const;
    return optionsOf(reread({ ...reported(open), lens }), folder).detector;
  };
  assert.equal(named('blazeface', 'beside'), null);
  assert.equal(named('auto', 'beside'), 'blazeface');
  assert.equal(named('blazeface', 'option'), 'blazeface');
});

test('a report that lies elsewhere gets its successors beside it', () => {
  assert.equal(optionsOf(reported(asked), join(sep, 'moved', 'report')).output, join(sep, 'moved'));
});

test('a report of an earlier version is read from what stands beside', () => {
  const { detection, model, device, target, pipeline } = referenceRun;
  const earlier: Report = {
    ...referenceRun,
    detection: { ...detection, maxSize: 640, crop: { ...detection.crop, mode: 'sbi' } },
  };
  assert.equal(earlier.options, undefined);
  const read = optionsOf(reread(earlier), folder);
  const { architecture, maxSize, crop, weights, detector } = read;
  assert.deepEqual(
    { architecture, maxSize, crop, weights, detector, pipeline: read.pipeline, target: read.target },
    {
      ...{ architecture: model.architecture, maxSize: 640, crop: 'sbi', weights: model.path },
      ...{ detector: 'retinaface', pipeline, target: target.requested },
    },
  );
  assert.equal(read.device, device.requested);
  const byHand: Report = { ...earlier, detection: { ...earlier.detection, detector: 'box' } };
  assert.deepEqual(optionsOf(byHand, folder).box, detection.faces[0]?.box);
});
