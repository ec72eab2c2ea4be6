/** A picture that was painted over by hand is the picture that a file of the same pixels holds, and never the file itself. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { paintStrokes } from '../../../painting/strokes';
import type { AnalysisOptions } from '../../../protocol/options';
import type { Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import type { Stroke } from '../../../protocol/strokes';
import { readReport } from '../../../protocol/read-report';
import { createEngine } from '../../../server/src/engine/engine';
import { decodeImage } from '../../../server/src/imaging/decode';
import { encodeRgbPng } from '../../../server/src/imaging/png/png';
import { writeModel } from '../../../server/src/onnx/write';
import { optionsOf } from '../../../server/src/report/options';
import { samplePath } from '../../support/cli';
import { DEFAULT_OPTIONS } from '../../support/default-options';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('by-hand');
const model = join(folder, 'small.onnx');
const painted = join(folder, 'painted.png');
const engine = createEngine({ recalls: true });
after(() => engine.dispose());

const strokes: readonly Stroke[] = [
  { line: [[250, 240], [380, 260]], radius: 40.5, fill: { color: [128, 128, 128] } }, // oxfmt-ignore
  { box: [200, 320, 440, 420], fill: { blur: 12 } },
];
const options: AnalysisOptions = {
  ...DEFAULT_OPTIONS,
  ...{ weights: model, lens: 'imagenet', device: 'cpu', output: join(folder, 'out') },
};

const analyze = (image: string, more: Partial<AnalysisOptions> = {}): Promise<FinishedReport> =>
  engine.run('analyze', { image, options: { ...options, ...more } });

let plain: FinishedReport;
let edited: FinishedReport;
let file: FinishedReport;
before(async () => {
  await writeModel(smallClassifier(), model);
  const { image } = await decodeImage(samplePath);
  await writeFile(painted, await encodeRgbPng(paintStrokes(image, strokes).image));
  plain = await analyze(samplePath);
  edited = await analyze(samplePath, { strokes });
  file = await analyze(painted);
});

const numbersOf = ({ classifier, layers, preprocess }: Report) => ({
  classifier,
  preprocess: preprocess.steps,
  layers: layers.map(({ name, activation, heatmaps }) => ({ name, activation, heatmaps })),
});
const bytes = (of: FinishedReport, path: string) => readFileSync(join(of.folder, path));

test('its numbers, maps and pictures are those of a file with the painted pixels', () => {
  assert.deepEqual(numbersOf(edited.report), numbersOf(file.report));
  assert.notDeepEqual(edited.report.classifier.logits, plain.report.classifier.logits);
  assert.deepEqual(bytes(edited, edited.report.mapsFile), bytes(file, file.report.mapsFile));
  const { pictures } = edited.report.detection;
  assert.deepEqual(bytes(edited, pictures.crop), bytes(file, file.report.detection.pictures.crop));
});

describe('every surface says so', () => {
  test('report.json: what was painted, on how many pixels, and both pictures', () => {
    const { input, options: asked } = edited.report;
    assert.deepEqual(asked?.strokes, strokes);
    assert.equal(input.edited?.strokes, 2);
    assert.ok(input.edited.pixels > 20_000);
    assert.deepEqual(bytes(edited, input.edited.picture), bytes(file, file.report.input.pictures.original));
    assert.deepEqual(
      bytes(edited, input.pictures.original),
      bytes(plain, plain.report.input.pictures.original),
    );
    assert.equal(input.sha256, plain.report.input.sha256, 'of the file');
    assert.equal(plain.report.input.edited, undefined);
  });

  test('the first warning, and report.md', () => {
    const [first] = edited.report.warnings;
    assert.equal(first?.code, 'edited-by-hand');
    assert.match(first.message, /^The picture was edited by hand .*: 2 strokes cover \d+ of \d+ pixels \(\d+\.\d%\)\. Nothing here/); // oxfmt-ignore
    const markdown = bytes(edited, 'report.md').toString();
    assert.match(markdown, /> \*\*Warning:\*\* The picture was edited by hand/);
    assert.match(markdown, /\*\*Edited by hand before the analysis:\*\* 2 strokes over \d+ of \d+ pixels/);
    assert.match(markdown, /!\[Edited input, which was analyzed\]\(steps\/a_input\/edited\.png\)/);
    assert.doesNotMatch(bytes(plain, 'report.md').toString(), /[Ee]dited/);
  });

  test('a Python script reads the tensor of the edited picture, and says so', async () => {
    const question = { subject: 'verdict', layer: null, method: null, channel: null } as const;
    const ask = (of: FinishedReport) => engine.run('pythonSnippet', { folder: of.folder, ...question });
    const ours = await ask(edited);
    assert.match(ours.text, /edited by hand \(2 strokes\)/);
    const theirs = await ask(file);
    assert.doesNotMatch(theirs.text, /edited/);
    assert.deepEqual(readFileSync(ours.files[0]!), readFileSync(theirs.files[0]!));
  });
});

test('what is asked of its report is computed of the edited picture, however questions alternate', async () => {
  const ask = (of: FinishedReport) =>
    engine.run('layerDetails', { folder: of.folder, layer: 'conv1', channels: 4, memoryLimit: null });
  const before = await ask(plain);
  const ours = await ask(edited);
  assert.deepEqual(ours, await ask(file));
  assert.notDeepEqual(ours, before);
  assert.deepEqual(await ask(plain), before);
  const page = (of: FinishedReport) =>
    engine.run('layerChannels', { folder: of.folder, layer: 'conv2', from: 0, memoryLimit: null });
  const first = await page(plain);
  assert.deepEqual(await page(edited), await page(file));
  assert.deepEqual(await page(plain), first);
  const drawn = await engine.run('stepPictures', { folder: edited.folder, step: 0 });
  assert.deepEqual(drawn, await engine.run('stepPictures', { folder: file.folder, step: 0 }));
});

test('asked again with what the report records, it is edited again', async () => {
  const again = await engine.run('analyze', {
    image: samplePath,
    options: { ...options, ...optionsOf(edited.report, edited.folder), target: '0' },
  });
  assert.deepEqual(again.report.classifier, edited.report.classifier);
  assert.equal(again.report.input.edited?.strokes, 2);
  assert.deepEqual(numbersOf((await analyze(samplePath)).report), numbersOf(plain.report), 'and then not');
});

test('the verdict alone is that of the report, without a folder', async () => {
  const there = readdirSync(options.output);
  const box = [200, 208, 442, 450] as const;
  for (const change of [{}, { strokes }, { strokes, box }]) {
    const asked = { ...options, ...change };
    const quick = await engine.run('verdict', { image: samplePath, folder: null, options: asked });
    const { report } =
      'box' in change ? await analyze(samplePath, change) : 'strokes' in change ? edited : plain;
    const { classifier, detection, input, model } = report;
    quick.classifier.logits.forEach((logit, i) => {
      assert.ok(Math.abs(Number(logit) - Number(classifier.logits[i])) < 1e-5, `logit ${i}`);
    });
    assert.deepEqual(quick.classifier.predicted, classifier.predicted);
    assert.deepEqual([quick.crop, quick.detector, quick.untrained], [detection.crop.box, detection.detector, model.untrained]); // oxfmt-ignore
    assert.equal(quick.edited?.pixels, input.edited?.pixels);
  }
  assert.equal(readdirSync(options.output).length, there.length + 1, 'of the report with a box');
});

test('a picture to draw on is the file, small enough', async () => {
  const { width, height } = plain.report.input;
  const ask = (side: number) => engine.run('filePicture', { image: samplePath, side });
  const whole = await ask(4096);
  assert.deepEqual([whole.width, whole.height], [width, height]);
  assert.deepEqual(Buffer.from(whole.png, 'base64'), bytes(plain, plain.report.input.pictures.original));
  const small = await ask(100);
  assert.deepEqual([small.width, small.height], [width, height], "the picture's own size");
  const path = join(folder, 'small.png');
  await writeFile(path, Buffer.from(small.png, 'base64'));
  const decoded = await decodeImage(path);
  assert.equal(Math.max(decoded.width, decoded.height), 100);
});

describe('a report that contradicts itself is refused', () => {
  const cases: readonly (readonly [string, (report: Report) => Report, RegExp])[] = [
    [
      'edited without strokes',
      (report) => ({ ...report, options: { ...report.options!, strokes: null } }),
      /input\.edited\.strokes/,
    ],
    [
      'strokes that are not said',
      (report) => ({ ...report, input: plain.report.input }),
      /input\.edited\.strokes/,
    ],
    [
      'strokes that are none',
      (report) => ({
        ...report,
        options: { ...report.options!, strokes: [{ line: [[1, 2]], radius: -1, fill: { blur: 2 } }] },
      }),
      /options\.strokes/,
    ],
    [
      'a picture elsewhere',
      (report) => ({
        ...report,
        input: { ...report.input, edited: { ...report.input.edited!, picture: '../x.png' } },
      }),
      /input\.edited\.picture/,
    ],
  ];
  for (const [what, spoil, pattern] of cases)
    test(what, () => {
      assert.ok(readReport(edited.report).ok);
      const read = readReport(spoil(edited.report));
      assert.ok(!read.ok);
      assert.match(read.fault, pattern);
    });
});

test('a set is not painted over', async () => {
  await assert.rejects(
    engine.run('evaluate', {
      ...{ source: folder, output: join(folder, 'evaluation'), labels: 'none', replace: null, queue: null },
      options: { ...options, strokes },
    }),
    { kind: 'usage', message: /^Strokes are painted over one picture/ },
  );
});
