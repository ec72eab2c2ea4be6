/** `inference-lens analyze` as built: the report folder, its numbers, and what each option changes. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Report } from '../../protocol/report';
import { writeModel } from '../../server/src/onnx/write';
import { readSlice } from '../../server/src/report/maps-file';
import type { Finished } from '../support/cli';
import { root, runCli, samplePath } from '../support/cli';
import { checkPictures, checkSlices, filesBelow, readReport } from '../support/report';
import { referenceRows, rowsOf } from '../support/reference-layers';
import { sharedFile } from '../support/shared';
import { SMALL_CLASSES, SMALL_SIDE, smallClassifier, smallLayers } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { CAM_METHODS, idsOf } from '../../protocol/vocabulary';

const folder = temporaryFolder('analyze');

interface Line {
  readonly ok: boolean;
  readonly image: string;
  readonly folder: string;
  readonly report: Report;
}

const linesOf = ({ stdout }: Finished): readonly Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Runs with --json; every report that comes out must pass the checks that hold for all. */
async function analyze(...args: readonly string[]): Promise<{ finished: Finished; lines: readonly Line[] }> {
  const finished = await runCli(['analyze', ...args, '--json']);
  assert.equal(finished.code, 0, finished.stderr);
  const lines = linesOf(finished);
  for (const line of lines) {
    assert.ok(line.ok);
    assert.deepEqual(readReport(line.folder), line.report);
    checkSlices(line.folder, line.report);
    await checkPictures(line.folder, line.report);
  }
  return { finished, lines };
}

async function analyzeOne(...args: readonly string[]): Promise<Line> {
  const { lines } = await analyze(...args);
  assert.equal(lines.length, 1);
  return lines[0]!;
}

const channelWeights = ({ folder: place, report }: Line, layer: string): readonly number[] => {
  const found = report.layers.find(({ name }) => name === layer);
  assert.ok(found, layer);
  return [...readSlice(readFileSync(join(place, report.mapsFile)), found.channelWeights).data];
};

describe('the sample portrait through EfficientNet-B5', () => {
  const output = join(folder, 'b5');
  let finished: Finished;
  let fake: Line;
  let again: Line;

  before(async () => {
    const run = await analyze(samplePath, samplePath, '--output', output, '--target', 'fake');
    finished = run.finished;
    [fake, again] = run.lines as [Line, Line];
  });

  test('the report folder holds exactly what the design names', () => {
    const layers = referenceRows.map((row) => row.split(' ')[0]!);
    const expected = [
      ...['report.md', 'report.json', 'process.log', 'maps.bin', 'steps/d_classifier/classifier.json'],
      ...['original', 'retinaface_overlay'].map((name) => `steps/a_input/${name}.png`),
      ...['cropped_face', 'mask', 'dwt_processed', 'dwt_red', 'dwt_green', 'dwt_blue'].map(
        (name) => `steps/b_preprocess/${name}.png`,
      ),
      ...layers.flatMap((name) =>
        ['image/activation.png', 'heatmap/overlay.png', 'stats.json'].map(
          (file) => `steps/c_layers/${name}/${file}`,
        ),
      ),
    ];
    assert.deepEqual(filesBelow(fake.folder), expected.sort());
    assert.equal(fake.folder, join(output, fake.report.processId, 'result'));
  });

  test('two runs of one image stand beside each other, and nothing else', () => {
    assert.notEqual(fake.folder, again.folder);
    assert.deepEqual(readdirSync(output).sort(), [fake, again].map(({ report }) => report.processId).sort());
    assert.match(fake.report.processId, /^fsbi_inference_portrait_\d{8}_\d{6}(_2)?$/);
  });

  test('the layer table is the reference’s', () => {
    assert.deepEqual(rowsOf(readFileSync(join(fake.folder, 'report.md'), 'utf8')), referenceRows);
  });

  test('report.md has the reference’s sections in its order', (t) => {
    const path = sharedFile(t, 'reference/IMG_5549.report.md');
    if (path === null) return;
    const headings = (text: string): readonly string[] =>
      [...text.matchAll(/^#{1,3} .*$/gm)].map(([line]) => line.replace(/IMG_5549|portrait/, 'image'));
    const found = headings(readFileSync(join(fake.folder, 'report.md'), 'utf8'));
    const wanted = headings(readFileSync(path, 'utf8'));
    assert.deepEqual(found.slice(0, wanted.length), wanted);
  });

  test('it is honest about what it is', () => {
    const { model, warnings, detection, device } = fake.report;
    assert.equal(model.untrained, true);
    assert.equal(model.path, null);
    assert.match(model.sha256, /^[0-9a-f]{64}$/);
    assert.equal(device.provider, 'cpu');
    assert.ok(device.threads >= 1);
    assert.equal(detection.detector, 'blazeface');
    const codes = warnings.map(({ code }) => code);
    assert.ok(codes.includes('untrained-weights'));
    assert.ok(codes.includes('estimated-landmarks'));
    assert.match(readFileSync(join(fake.folder, 'report.md'), 'utf8'), /untrained demo weights/i);
    assert.match(readFileSync(join(fake.folder, 'process.log'), 'utf8'), /WARNING.*untrained-weights/);
  });

  test('process.log: each line at its own time, each step as it began and as it ended, as long as the report says', () => {
    for (const { folder: place, report } of [fake, again]) {
      const lines = readFileSync(join(place, 'process.log'), 'utf8').trimEnd().split('\n');
      const found = lines.map((line) => {
        const [, time = '', level, text = ''] = /^(\S{26}) (INFO|WARNING) (.+)$/.exec(line) ?? [];
        assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/, line);
        return { time, level, text };
      });
      const times = found.map(({ time }) => time);
      assert.deepEqual(times, [...times].sort(), 'in the order of happening');
      assert.ok(times[0]! >= report.timestamp);
      const taken = new Map<string, number>();
      for (const [i, { time, text }] of found.entries()) {
        const [, step, milliseconds] = /^(\w+): ([\d.]+) ms$/.exec(text) ?? [];
        if (step === undefined) continue;
        const begin = found.slice(0, i).findLast((earlier) => earlier.text.startsWith(`${step}: `));
        const between = Date.parse(time) - Date.parse(begin?.time ?? '');
        assert.ok(
          Math.abs(between - Number(milliseconds)) < 50,
          `${between} ms between the lines of ${text}`,
        );
        taken.set(step, (taken.get(step) ?? 0) + Number(milliseconds));
      }
      assert.deepEqual(
        [...taken.keys()],
        report.timings.map(({ step }) => step),
      );
      for (const { step, milliseconds } of report.timings)
        assert.ok(Math.abs((taken.get(step) ?? NaN) - milliseconds) < 0.05, step);
      const warnings = found.filter(({ level }) => level === 'WARNING').map(({ text }) => text.split(':')[0]);
      assert.deepEqual(
        warnings,
        report.warnings.map(({ code }) => code),
      );
    }
  });

  test('the head gradient is that of the explained logit alone', () => {
    assert.deepEqual(fake.report.target, { requested: 'fake', index: 1, label: 'fake' });
    assert.deepEqual(channelWeights(fake, 'fc'), [0, 1]);
  });

  test('the same image twice gives the same numbers', () => {
    const numbers = ({ report }: Line) => [report.classifier, report.layers, report.detection];
    assert.deepEqual(numbers(again), numbers(fake));
  });

  test('of several images progress goes to stderr as a line for each, then the summary; steps are timed', () => {
    assert.match(finished.stderr, /^1 of 2: portrait\.png\n2 of 2[^\n]*: portrait\.png\nimages {4}2 in /);
    assert.deepEqual(
      fake.report.timings.map(({ step }) => step),
      ['input', 'detection', 'crop', 'wavelet', 'model', 'explain', 'pictures'],
    );
    assert.ok(fake.report.timings.every(({ milliseconds }) => milliseconds >= 0));
  });

  test('--target real explains the other logit; logits stay', async () => {
    const real = await analyzeOne(samplePath, '--output', output, '--target', 'real');
    assert.deepEqual(real.report.target, { requested: 'real', index: 0, label: 'real' });
    assert.deepEqual(channelWeights(real, 'fc'), [1, 0]);
    assert.deepEqual(real.report.classifier, fake.report.classifier);
    assert.notDeepEqual(channelWeights(real, 'bn1'), channelWeights(fake, 'bn1'));
  });

  test('--target pred explains what is predicted; without --json some ten lines are printed, progress before them', async () => {
    const { code, stdout, stderr } = await runCli([
      'analyze',
      samplePath,
      '--output',
      join(folder, 'pred'),
      '--target',
      'pred',
    ]);
    assert.equal(code, 0, stderr);
    const reportPath = /^report +(.+)$/m.exec(stdout)?.[1] ?? '';
    const { target, classifier, warnings } = readReport(join(reportPath, '..'));
    assert.equal(stdout.trim().split('\n').length, 10 + warnings.length);
    assert.deepEqual(target, { requested: 'pred', ...classifier.predicted });
    const largest = Math.max(...classifier.logits.map(Number));
    assert.equal(Number(classifier.logits[target.index]), largest);
    assert.match(stdout, /untrained demo weights/);
    // The cache that all tests share may have it or not.
    const cold = stderr.includes(': Preparing demo weights (first time only)\n');
    assert.notEqual(stderr.includes(': loading demo\n'), cold, stderr);
    const loading = cold ? 'Preparing demo weights (first time only)' : 'loading demo';
    const steps = ['reading the image', 'looking for faces', loading, 'Grad-CAM of 46 layers on cpu'];
    let at = -1;
    for (const step of steps) {
      const found = stderr.indexOf(`portrait.png: ${step}\n`);
      assert.ok(found > at, `progress of one image is a line a step: ${step}`);
      at = found;
    }
  });
});

describe('an ONNX file as weights', () => {
  const model = join(folder, 'small.onnx');
  const output = join(folder, 'onnx');
  const common = ['--pipeline', 'imagenet', '--weights', model, '--output', output] as const;

  before(() => writeModel(smallClassifier(), model));

  test('every layer, all six methods, raw logits under the softmax', async () => {
    const { report, folder: place } = await analyzeOne(samplePath, ...common, '--method', 'all');
    assert.deepEqual(
      report.layers.map(({ name, shape }) => [name, shape]),
      smallLayers,
    );
    assert.deepEqual(report.methods, idsOf(CAM_METHODS));
    for (const { heatmaps } of report.layers)
      assert.deepEqual(
        heatmaps.map(({ method }) => method),
        idsOf(CAM_METHODS),
      );
    assert.equal(report.layers[0]?.heatmaps[0]?.picture, 'steps/c_layers/conv1/heatmap/overlay.png');
    assert.equal(
      filesBelow(place).filter((path) => path.includes('/heatmap/')).length,
      6 * smallLayers.length,
    );

    const { logits, probabilities, labels } = report.classifier;
    const powers = logits.map((logit) => Math.exp(Number(logit)));
    const sum = powers.reduce((a, b) => a + b, 0);
    // The file's own, in float32.
    powers.forEach((power, i) => assert.ok(Math.abs(power / sum - Number(probabilities?.[i])) < 1e-6));
    assert.equal(report.classifier.activation?.origin, 'graph');
    assert.ok(Math.abs(sum - 1) > 1e-3, 'logits, not probabilities');
    assert.equal(labels.length, SMALL_CLASSES);
    assert.equal(report.model.architecture, 'onnx');
    assert.equal(report.model.untrained, false);
    assert.deepEqual(report.model.inputShape, [1, 3, SMALL_SIDE, SMALL_SIDE]);
    assert.deepEqual(report.target, { requested: 'pred', ...report.classifier.predicted });
  });

  test('a class index as target; the whole picture where the pipeline is not about faces', async () => {
    const line = await analyzeOne(samplePath, ...common, '--target', '2');
    assert.deepEqual(line.report.target, { requested: '2', index: 2, label: 'class 2' });
    assert.deepEqual(channelWeights(line, 'logits'), [0, 0, 1]);
    const { detector, crop, pictures } = line.report.detection;
    assert.equal(detector, 'none');
    assert.deepEqual(crop, { box: [0, 0, 640, 640], size: SMALL_SIDE, clamped: false, mode: 'whole' });
    assert.equal(pictures.mask, null);
    const { input } = line.report;
    assert.equal(input.pictures.overlay, input.pictures.original, 'nothing is marked');
    const markdown = readFileSync(join(line.folder, 'report.md'), 'utf8');
    assert.doesNotMatch(`${filesBelow(line.folder).join(' ')} ${markdown}`, /face|detection overlay/i);
  });

  test('--box cuts where it says', async () => {
    const { report } = await analyzeOne(samplePath, ...common, '--box', '200,160,440,400');
    const { detector, faces, crop, pictures } = report.detection;
    assert.equal(detector, 'box');
    assert.deepEqual(faces[0], {
      box: [200, 160, 440, 400],
      score: null,
      landmarks: null,
      landmarksEstimated: false,
    });
    // Side 1.2 * 240 = 288 around (320, 280).
    assert.deepEqual(crop.box, [176, 136, 464, 424]);
    assert.equal(pictures.mask, null);
    assert.deepEqual(pictures.crop, 'steps/b_preprocess/picture.png');
    assert.ok(!report.warnings.some(({ code }) => code === 'no-landmarks'), 'nobody looks for a face');
  });

  test('--detector none with a face pipeline takes the picture as it is, and says nothing of faces', async () => {
    const two = join(folder, 'two.onnx');
    await writeModel(smallClassifier({ classes: 2 }), two);
    const { report } = await analyzeOne(
      samplePath,
      ...['--weights', two, '--output', output, '--pipeline', 'sbi', '--detector', 'none'],
    );
    assert.equal(report.detection.detector, 'none');
    assert.equal(report.detection.crop.mode, 'whole');
    assert.deepEqual(
      report.warnings.filter(({ code }) => /face|landmark/.test(code)),
      [],
    );
  });

  test('--quiet says nothing', async () => {
    const { code, stdout, stderr } = await runCli(['analyze', samplePath, ...common, '--quiet']);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  });

  test('weights that hold NaN: the first layer that shows it is named, with its counts', async () => {
    const spoilt = join(folder, 'spoilt.onnx');
    await writeModel(smallClassifier({ spoil: NaN }), spoilt);
    const { report } = await analyzeOne(samplePath, ...common, '--weights', spoilt);
    const warning = report.warnings.find(({ code }) => code === 'non-finite');
    assert.deepEqual(warning?.layers, ['conv2', 'pool', 'logits']);
    assert.match(warning.message, /first in conv2 \(1024 NaN, 0 infinite\)/);
    assert.deepEqual(
      report.layers.map(({ activation }) => activation.nan),
      [0, 32 * 32, 1, SMALL_CLASSES],
    );
    const { labels, logits, probabilities, predicted, confidence } = report.classifier;
    assert.deepEqual(
      logits,
      labels.map(() => 'NaN'),
    );
    const verdict = { probabilities, predicted, confidence };
    assert.deepEqual(verdict, {
      probabilities: null,
      predicted: { index: null, label: 'undecided' },
      confidence: null,
    });
    assert.equal(report.warnings[0]?.code, 'undecided');
  });

  test('nothing asked for: never FSBI’s labels, wavelet or face stage, and every value says who said it', async () => {
    const args = [samplePath, '--weights', model, '--output', output] as const;
    const { report, folder: place } = await analyzeOne(...args);
    assert.deepEqual(report.model.labels, ['class 0', 'class 1', 'class 2']);
    assert.equal(report.preprocess.wavelet, null);
    assert.equal(report.detection.detector, 'none');
    assert.equal(report.lens?.name, null);
    assert.ok(basename(join(place, '..')).startsWith('small_inference_portrait_'));
    const origins = Object.fromEntries(report.lens.values.map(({ key, origin }) => [key, origin]));
    assert.deepEqual([origins['preprocess'], origins['input.layout']], ['guess', 'graph']);
    assert.ok(
      report.warnings.some(
        ({ code, message }) => code === 'lens-guessed' && /It could also be/.test(message),
      ),
    );
    assert.match(
      readFileSync(join(place, 'report.md'), 'utf8'),
      /\n## Lens\n.*\npreprocess \| .* \| a guess \| /s,
    );
    const { stdout } = await runCli(['analyze', ...args]);
    assert.match(stdout, /^lens +none; values from the network itself; guessed: preprocess$/m);
  });

  test('a lens file: obeyed to the letter, its places named, and refused where the network proves otherwise', async () => {
    const file = join(folder, 'mine.lens.json');
    writeFileSync(
      file,
      '{ // of small.onnx\n  "labels": ["a", "b", "c"], "target": "b",\n  "preprocess": [{ "step": "resize" }, { "step": "rescale", "factor": 0.5 }],\n  "layers": ["*"], "methods": ["layercam"]\n}',
    );
    const { report } = await analyzeOne(samplePath, '--weights', model, '--output', output, '--lens', file);
    assert.deepEqual([report.lens?.name, report.lens?.path], ['mine', file]);
    assert.deepEqual([report.target.label, report.methods, report.options?.lens], ['b', ['layercam'], file]);
    assert.ok(Number(report.preprocess.tensor.max) > 100);
    assert.equal(report.lens?.values.find(({ key }) => key === 'preprocess')?.detail, `${file}:3:17`);
    assert.deepEqual(
      report.warnings.filter(({ code }) => code === 'lens-guessed'),
      [],
    );
    writeFileSync(file, '{"labels": ["a", "b"]}');
    const unfit = await runCli(['analyze', samplePath, '--weights', model, '--lens', file]);
    assert.equal(unfit.code, 2);
    assert.match(
      unfit.stderr,
      /mine\.lens\.json names 2 classes \(a, b\); small\.onnx \(onnx\) has 3 classes.*--lens/s,
    );
  });

  test('a pipeline that does not fit: refused, both named', async () => {
    const unfit = await runCli(['analyze', samplePath, ...common, '--pipeline', 'sbi', '--detector', 'none']);
    assert.equal(unfit.code, 2);
    assert.match(unfit.stderr, /The pipeline sbi names 2 classes \(real, fake\); small\.onnx \(onnx\) has 3/);
  });

  describe('one logit', () => {
    const heads = join(root, 'test', 'fixtures', 'onnx', 'heads');
    const sbi = ['--pipeline', 'sbi', '--detector', 'none', '--output', output] as const;
    for (const file of ['logit_one', 'sigmoid_one', 'sigmoid_pair', 'sigmoid_written'])
      test(`${file}: two classes, minus the logit for the first`, async () => {
        const weights = ['--weights', join(heads, `${file}.onnx`)] as const;
        const lines = [];
        for (const target of ['fake', 'real', '0', '1'])
          lines.push(await analyzeOne(samplePath, ...sbi, ...weights, '--target', target));
        const [fake, real, zero, one] = lines;
        assert.ok(fake && real && zero && one);
        const { labels, logits, probabilities, predicted, confidence, activation } = fake.report.classifier;
        const p = 1 / (1 + Math.exp(-Number(logits[0])));
        assert.deepEqual([labels, logits.length], [['real', 'fake'], 1]);
        assert.ok(Math.abs(Number(probabilities?.[1]) - p) < 1e-6);
        assert.ok(Math.abs(Number(probabilities?.[0]) - (1 - p)) < 1e-6);
        assert.equal(predicted.label, p > 0.5 ? 'fake' : 'real');
        assert.equal(confidence, probabilities?.[predicted.index ?? -1]);
        assert.equal(activation?.threshold, 0.5);
        assert.match(activation.description, /read as that of "fake", the last label/);
        assert.deepEqual(
          [fake, real, zero, one].map(({ report }) => report.target.index),
          [1, 0, 0, 1],
        );
        const weightsOf = (line: Line) => channelWeights(line, 'conv');
        assert.deepEqual(weightsOf(one), weightsOf(fake));
        assert.deepEqual(weightsOf(zero), weightsOf(real));
        assert.deepEqual(
          weightsOf(real),
          weightsOf(fake).map((value) => -value),
        );
      });

    test('without labels negative and positive; an option overrules what was read', async () => {
      const file = join(heads, 'sigmoid_one.onnx');
      const args = ['--pipeline', 'imagenet', '--weights', file, '--output', output] as const;
      const { report } = await analyzeOne(samplePath, ...args);
      assert.deepEqual(report.classifier.labels, ['negative', 'positive']);
      const { report: none } = await analyzeOne(samplePath, ...args, '--activation', 'none');
      assert.equal(none.classifier.activation?.origin, 'option');
      assert.deepEqual(none.classifier.probabilities, report.classifier.probabilities);
      assert.equal(none.classifier.logits[0], report.classifier.probabilities?.[1]);
      const refused = await runCli(['analyze', samplePath, ...args, '--activation', 'softmax']);
      assert.equal(refused.code, 2);
      assert.match(
        refused.stderr,
        /What was asked for says softmax; sigmoid_one\.onnx \(onnx\) has one logit, whose softmax is always 1/,
      );
    });
  });

  test('several labels: each its own probability, and the verdict says so', async () => {
    const file = join(root, 'test', 'fixtures', 'onnx', 'heads', 'sigmoid_multi.onnx');
    const args = ['--pipeline', 'imagenet', '--weights', file, '--output', output] as const;
    const { report } = await analyzeOne(samplePath, ...args);
    const { logits, probabilities, activation } = report.classifier;
    logits.forEach((logit, i) =>
      assert.ok(Math.abs(1 / (1 + Math.exp(-Number(logit))) - Number(probabilities?.[i])) < 1e-6),
    );
    assert.equal(activation?.multiLabel, true);
    assert.ok(report.warnings.some(({ code }) => code === 'multi-label'));
    const { stdout } = await runCli(['analyze', samplePath, ...args]);
    assert.match(stdout, /^verdict .*, the labels above 0\.5$/m);
    assert.equal(report.classifier.kind, 'multi');
    const above = logits.flatMap((logit, index) => (Number(logit) > 0 ? [index] : []));
    assert.deepEqual(new Set(report.classifier.verdict?.map(({ index }) => index)), new Set(above));
  });

  test('the face of astronaut.png', async (t) => {
    const path = sharedFile(t, 'images/astronaut.png');
    if (path === null) return;
    const { report } = await analyzeOne(path, ...common, '--detector', 'blazeface');
    const [x0, y0, x1, y1] = report.detection.faces[0]!.box;
    const [a0, b0, a1, b1] = [173, 68, 280, 174];
    const shared =
      Math.max(0, Math.min(x1, a1) - Math.max(x0, a0)) * Math.max(0, Math.min(y1, b1) - Math.max(y0, b0));
    const iou = shared / ((x1 - x0) * (y1 - y0) + (a1 - a0) * (b1 - b0) - shared);
    assert.ok(iou >= 0.7, `IoU ${iou}`);
  });
});
