/** `inference-lens analyze` as built, with ONNX files as weights: classes, targets, boxes, lenses, one logit, several labels. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { writeModel } from '../../server/src/onnx/write';
import { root, runCli, samplePath } from '../support/cli';
import { filesBelow } from '../support/report';
import { sharedFile } from '../support/shared';
import { SMALL_CLASSES, SMALL_SIDE, smallClassifier, smallLayers } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { CAM_METHODS, idsOf } from '../../protocol/vocabulary';

import { analyzeOne, channelWeights, type Line } from '../support/analyzed';

const folder = temporaryFolder('analyze-onnx');

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

  test('nothing requested: never FSBI’s labels, wavelet or face stage, and every value says who said it', async () => {
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
    const target = (weights: readonly string[], wanted: string) =>
      analyzeOne(samplePath, ...sbi, ...weights, '--target', wanted);
    const weightsOf = (line: Line) => channelWeights(line, 'conv');
    for (const file of ['logit_one', 'sigmoid_one', 'sigmoid_pair', 'sigmoid_written'])
      test(`${file}: two classes, minus the logit for the first`, async () => {
        const weights = ['--weights', join(heads, `${file}.onnx`)];
        const [fake, real] = [await target(weights, 'fake'), await target(weights, '0')];
        const { labels, logits, probabilities, predicted, confidence, activation } = fake.report.classifier;
        const p = 1 / (1 + Math.exp(-Number(logits[0])));
        assert.deepEqual([labels, logits.length], [['real', 'fake'], 1]);
        assert.ok(Math.abs(Number(probabilities?.[1]) - p) < 1e-6);
        assert.ok(Math.abs(Number(probabilities?.[0]) - (1 - p)) < 1e-6);
        assert.equal(predicted.label, p > 0.5 ? 'fake' : 'real');
        assert.equal(confidence, probabilities?.[predicted.index ?? -1]);
        assert.equal(activation?.threshold, 0.5);
        assert.match(activation.description, /read as that of "fake", the last label/);
        assert.deepEqual([fake.report.target.index, real.report.target.index], [1, 0]);
        assert.deepEqual(
          weightsOf(real),
          weightsOf(fake).map((value) => -value),
        );
      });

    test('a target by its name is that by its index', async () => {
      const weights = ['--weights', join(heads, 'logit_one.onnx')];
      for (const [name, index] of [
        ['fake', '1'],
        ['real', '0'],
      ] as const) {
        const [named, counted] = [await target(weights, name), await target(weights, index)];
        assert.deepEqual(
          [named, counted].map(({ report }) => report.target.index),
          [Number(index), Number(index)],
        );
        assert.deepEqual(weightsOf(counted), weightsOf(named));
      }
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
        /The request says softmax; sigmoid_one\.onnx \(onnx\) has one logit, whose softmax is always 1/,
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
