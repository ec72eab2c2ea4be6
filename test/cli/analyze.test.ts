/** `inference-lens analyze` as built: the report folder, its numbers, and what each option changes. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Finished } from '../support/cli';
import { runCli, samplePath } from '../support/cli';
import { filesBelow, readReport } from '../support/report';
import { referenceRows, rowsOf } from '../support/reference-layers';
import { sharedFile } from '../support/shared';
import { temporaryFolder } from '../support/temp';

import { analyze, analyzeOne, channelWeights, type Line } from '../support/analyzed';

const folder = temporaryFolder('analyze');

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
