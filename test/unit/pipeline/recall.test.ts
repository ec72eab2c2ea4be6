/** What a workbench recalls of earlier analyses: the same numbers as computing them, and nothing once what they depend on has changed. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FinishedReport } from '../../../protocol/requests';
import { parseAnalyze } from '../../../server/src/cli/options';
import { writeModel } from '../../../server/src/onnx/write';
import { analyze } from '../../../server/src/pipeline/run';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { projectRoot } from '../../../server/src/system/paths';
import { filesBelow } from '../../support/report';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('recall');
const model = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), model));
const image = join(folder, 'picture.png');
const portrait = join(projectRoot(), 'samples', 'portrait.png');
const other = join(projectRoot(), 'test', 'fixtures', 'images', 'palette.png');

const recalling = new Workbench(join(folder, 'cache'), { recalls: true });
const forgetful = new Workbench(join(folder, 'cache'));
after(() => Promise.all([recalling.dispose(), forgetful.dispose()]));

let runs = 0;
async function made(bench: Workbench, ...more: readonly string[]): Promise<FinishedReport> {
  const { options } = parseAnalyze([
    image,
    ...[
      '--lens',
      'imagenet',
      '--weights',
      model,
      '--device',
      'cpu',
      '--output',
      join(folder, `out${++runs}`),
    ],
    ...more,
  ]);
  return analyze(image, options, bench);
}

const contentOf = ({ folder: place, report }: FinishedReport) => ({
  files: filesBelow(place)
    .filter((name) => !['report.json', 'report.md', 'process.log'].includes(name))
    .map((name) => [name, readFileSync(join(place, name), 'base64')]),
  report: { ...report, processId: '', timestamp: '', timings: [] },
});

const RECALLED = 'computed by an earlier analysis';
const isRecalled = ({ folder: place }: FinishedReport): boolean =>
  readFileSync(join(place, 'process.log'), 'utf8').includes(RECALLED);

test('each report is the one that is computed again, whatever was asked before', async () => {
  copyFileSync(portrait, image);
  const box = ['--box', '200,208,442,450'];
  const asked: readonly (readonly [
    what: string,
    more: readonly string[],
    recalled: boolean,
    change?: () => void,
  ])[] = [
    ['a target', ['--target', '0'], false],
    ['another', ['--target', '1'], false],
    ['the first again', ['--target', '0'], true],
    ['other methods', ['--target', '0', '--method', 'gradcam,hirescam'], false],
    ['part of the picture', ['--target', '0', ...box], false],
    ['with the same part again', ['--target', '0', ...box], true],
    ['another picture of the same name', ['--target', '0'], false, () => copyFileSync(other, image)],
    ['it, again', ['--target', '0'], true],
  ];
  for (const [what, more, recalled, change] of asked) {
    change?.();
    const found = await made(recalling, ...more);
    const expected = await made(forgetful, ...more);
    assert.deepEqual(contentOf(found), contentOf(expected), what);
    assert.deepEqual([isRecalled(found), isRecalled(expected)], [recalled, false], what);
  }
  const { target } = (await made(recalling)).report;
  assert.ok(
    isRecalled(await made(recalling, '--target', String(target.index))),
    'the predicted class by its index',
  );
});

test('a face is looked for once in the same picture, until memory is given back', async () => {
  copyFileSync(portrait, image);
  const bench = new Workbench(join(folder, 'cache'), { recalls: true });
  const blazeface = await bench.detectorPool.open('blazeface', null, { provider: 'cpu', threads: null });
  const detect = blazeface.detect.bind(blazeface);
  let looked = 0;
  blazeface.detect = (...given) => {
    looked += 1;
    return detect(...given);
  };
  const faces = [];
  for (const target of ['0', '1', '2'])
    faces.push((await made(bench, '--detector', 'blazeface', '--target', target)).report.detection.faces);
  assert.equal(looked, 1);
  assert.deepEqual(faces[1], faces[0]);
  await bench.cool();
  await made(bench, '--detector', 'blazeface', '--target', '0');
  assert.equal(looked, 2);
  await bench.dispose();
});
