/** What a workbench keeps, and what it gives back: the network of one analysis, of many, BlazeFace on disk. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { parseAnalyze } from '../../../server/src/cli/options';
import { decodeImage } from '../../../server/src/imaging/decode';
import { writeModel } from '../../../server/src/onnx/write';
import { analyze } from '../../../server/src/pipeline/run';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { projectRoot } from '../../../server/src/system/paths';
import { smallClassifier, smallLayers } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';
import { createBlazeFace } from '../../support/detectors';

const folder = temporaryFolder('workbench');
const portrait = join(projectRoot(), 'samples', 'portrait.png');
const model = join(folder, 'small.onnx');
const { options } = parseAnalyze([
  portrait,
  ...['--pipeline', 'imagenet', '--weights', model, '--device', 'cpu', '--output', join(folder, 'out')],
]);

before(() => writeModel(smallClassifier(), model));

/** Whether the network that an analysis ran can still be run once it is over. */
async function networkStays(bench: Workbench): Promise<boolean> {
  const opened: Awaited<ReturnType<Workbench['classifier']>>[] = [];
  const original = bench.classifier.bind(bench);
  bench.classifier = async (...given) => {
    const classifier = await original(...given);
    opened.push(classifier);
    return classifier;
  };
  const { report } = await analyze(portrait, options, bench);
  assert.equal(report.layers.length, smallLayers.length);
  const [classifier] = opened;
  assert.ok(classifier !== undefined);
  const image = { type: 'float32', dims: [1, 3, 64, 64], data: new Float32Array(3 * 64 * 64) } as const;
  return classifier.explain(image, 0).then(
    () => true,
    () => false,
  );
}

test('for many analyses the network stays', async () => {
  const bench = new Workbench(join(folder, 'cache'));
  assert.equal(await networkStays(bench), true);
  await bench.dispose();
});

test('for one analysis it goes as soon as it has run', async () => {
  const bench = new Workbench(join(folder, 'cache'), { once: true });
  assert.equal(await networkStays(bench), false);
  const { report } = await analyze(portrait, options, bench);
  assert.equal(report.layers.length, smallLayers.length, 'another one loads it again');
  await bench.dispose();
});

test('what was expected and never came is ended', async () => {
  const bench = new Workbench(join(folder, 'cache'));
  bench.expect();
  bench.expect();
  await bench.dispose();
});

test('BlazeFace from the cache finds what BlazeFace from its file does; a damaged entry is made again', async () => {
  const cache = join(folder, 'detector');
  const place = { provider: 'cpu', threads: null } as const;
  const { image } = await decodeImage(portrait);
  const original = await createBlazeFace((bytes) => createSession(bytes, { provider: 'cpu', threads: 1 }));
  const expected = await original.detect(image);
  assert.equal(expected.length, 1);
  await original.dispose();
  for (const state of ['made', 'found', 'damaged']) {
    const bench = new Workbench(cache);
    const detector = await bench.detector('blazeface', null, place);
    assert.deepEqual(await detector.detect(image), expected, state);
    await bench.dispose();
    const [entry = ''] = readdirSync(join(cache, 'graphs'));
    const graph = join(cache, 'graphs', entry, 'optimized.onnx');
    assert.ok(existsSync(graph));
    if (state === 'found') truncateSync(graph, 100);
    else assert.ok(statSync(graph).size > 100);
  }
});
