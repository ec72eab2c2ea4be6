/** Channels page by page, and "Copy as Python": what is exported computes the report's numbers, and no name leaves its string. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { npy } from '../../../protocol/npy';
import type { MapSlice, Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { CAM_METHODS, idsOf } from '../../../protocol/vocabulary';
import { createEngine, type Engine } from '../../../server/src/engine/engine';
import { writeModel } from '../../../server/src/onnx/write';
import { layerPlanes } from '../../../server/src/pipeline/layer-planes';
import { comment, literal } from '../../../server/src/pipeline/snippet/python';
import { torchNetwork, torchRun } from '../../../server/src/pipeline/snippet/torch';
import { readSlice } from '../../../server/src/report/maps-file';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { shippedFile } from '../../../server/src/store/shipped';
import { samplePath, testCache } from '../../support/cli';
import { DEFAULT_OPTIONS } from '../../support/default-options';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

process.env['INFERENCE_LENS_CACHE'] = testCache;

const golden = (name: string): string =>
  readFileSync(resolve('test/reference/snippets', name), 'utf8').replaceAll('\r\n', '\n');

describe('a small ONNX file', () => {
  let engine: Engine;
  let done: FinishedReport;
  const folder = temporaryFolder('snippet');
  before(async () => {
    engine = createEngine();
    await writeModel(smallClassifier(), join(folder, 'small.onnx'));
    const options = { ...DEFAULT_OPTIONS, weights: join(folder, 'small.onnx'), methods: idsOf(CAM_METHODS) };
    done = await engine.run('analyze', {
      image: samplePath,
      options: { ...options, output: join(folder, 'out'), pictures: 'later', target: '1', layers: 'all' },
    });
  });
  after(() => engine.dispose());

  const values = (slice: MapSlice): Float32Array =>
    readSlice(readFileSync(join(done.folder, done.report.mapsFile)), slice).data;
  const layerNamed = (name: string): Report['layers'][number] => {
    const found = done.report.layers.find((layer) => layer.name === name);
    assert.ok(found, `${name} of ${done.report.layers.map((layer) => layer.name).join(', ')}`);
    return found;
  };
  const near = (found: ArrayLike<number>, expected: ArrayLike<number>): void => {
    assert.equal(found.length, expected.length);
    const scale = Math.max(...Array.from(expected, Math.abs), 1e-12);
    for (let i = 0; i < found.length; i++)
      assert.ok(Math.abs((found[i] ?? NaN) - (expected[i] ?? NaN)) <= 1e-5 * scale, `at ${i}`);
  };

  test('every channel, with the mean of the gradient that the report has as its weight', async () => {
    const layer = layerNamed('conv2');
    const question = { folder: done.folder, layer: 'conv2', from: 0, memoryLimit: null };
    const page = await engine.run('layerChannels', question);
    assert.deepEqual([page.total, page.next, page.channels.length], [6, null, 6]);
    const planes = await layerPlanes({ ...done, layer, memoryLimit: null }, engine.store);
    const weights = values(layer.channelWeights);
    const positions = 32 * 32;
    const means = Array.from({ length: 6 }, (_, k) =>
      planes.gradient!.subarray(k * positions, (k + 1) * positions).reduce((a, b) => a + b / positions, 0),
    );
    near(means, weights);
    for (const { index, weight, gradient, map } of page.channels) {
      near([Number(weight)], [weights[index] ?? NaN]);
      assert.ok(Number(gradient?.min) <= Number(weight) && Number(weight) <= Number(gradient?.max));
      assert.equal(Buffer.from(map, 'base64').length, 4 * positions);
    }
    const later = await engine.run('layerChannels', { ...question, from: 4 });
    assert.deepEqual(
      later.channels.map(({ index }) => index),
      page.channels.slice(4).map(({ index }) => index),
    );
  });

  test('the script is the one that Python ran, except for its paths, and the exported graph gives the maps of every method', async () => {
    const layer = layerNamed('conv2');
    const ask = (method: (typeof CAM_METHODS)[number]['id'] | null) =>
      engine.run('pythonSnippet', {
        ...{ folder: done.folder, subject: 'heatmap', layer: 'conv2', method, channel: null },
      });
    const { library, text, files } = await ask('gradcam');
    assert.equal(library, 'onnxruntime');
    const printed = text
      .replaceAll(JSON.stringify(join(done.folder, 'python')).slice(1, -1), '{folder}')
      .replaceAll(done.report.processId, '{report}')
      .replace(/report says .*/, 'report says {number}')
      .replaceAll('\\\\', '/');
    assert.equal(printed, golden('onnxruntime.py.txt'));
    const [input = '', graph = ''] = files;
    const bytes = readFileSync(input);
    const side = 64;
    const header = bytes.length - 4 * 3 * side * side;
    assert.equal(header % 64, 0);
    assert.match(bytes.subarray(0, header).toString('latin1'), /'shape': \(1, 3, 64, 64\)/);
    const data = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + header, bytes.byteOffset + bytes.length),
    );
    const session = await createSession(graph, { provider: 'cpu', source: graph });
    const fed = { image: { type: 'float32', dims: [1, 3, side, side], data } } as const;
    const target = { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } as const;
    const run = await session.run({ ...fed, target });
    await session.dispose();
    const names = /session\.run\((\[.*?\]), feeds\)/.exec(text)?.[1] ?? '[]';
    const [A, g] = (JSON.parse(names) as string[]).map((name) => run[name]?.data as Float32Array);
    const positions = 32 * 32;
    const cam = new Float32Array(positions);
    const weights = values(layer.channelWeights);
    for (let k = 0; k < 6; k++)
      for (let p = 0; p < positions; p++) cam[p]! += weights[k]! * A![k * positions + p]!;
    near(cam, values(layer.heatmaps.find(({ method }) => method === 'gradcam')!.map));
    const hires = new Float32Array(positions);
    for (let i = 0; i < A!.length; i++) hires[i % positions]! += g![i]! * A![i]!;
    near(hires, values(layer.heatmaps.find(({ method }) => method === 'hirescam')!.map));
    for (const method of idsOf(CAM_METHODS))
      assert.match((await ask(method)).text, /^shown = .*# before ReLU$/m);
  });

  test('what the report does not hold is refused, and nothing is written through a link', async () => {
    const ask = (part: object) =>
      engine.run('pythonSnippet', {
        ...{ folder: done.folder, subject: 'channel', layer: 'conv2', method: null, channel: null },
        ...part,
      });
    await assert.rejects(ask({ channel: 6 }), { kind: 'usage', message: /a channel of "conv2", 0 to 5/ });
    await assert.rejects(ask({ layer: 'conv9' }), { kind: 'usage', message: /no layer "conv9"/ });
    await assert.rejects(ask({ layer: null }), { kind: 'usage', message: /the name of a layer/ });
    const { text } = await ask({ subject: 'verdict' });
    assert.match(text, /e = np\.exp/);
    rmSync(join(done.folder, 'python'), { recursive: true });
    symlinkSync(temporaryFolder('elsewhere'), join(done.folder, 'python'));
    await assert.rejects(ask({ channel: 1 }), { kind: 'output', message: /expected a folder, found a link/ });
  });
});

const mobilenet = (checkpoint: object = {}) =>
  ({
    model: {
      ...{ path: shippedFile(), architecture: 'torchvision/mobilenet_v2', inputShape: [1, 3, 224, 224] },
      checkpoint: { requestedStateDict: null, renamedHead: null, unknownNames: [], ...checkpoint },
    },
    classifier: { logits: new Array(1000).fill(0) },
  }) as unknown as Report;

test('a checkpoint that torchvision reads as it is', async () => {
  const torch = await torchNetwork(mobilenet());
  assert.ok(torch);
  const layer = { shape: [1, 1280, 7, 7] } as unknown as Report['layers'][number];
  const lines = torchRun(torch, '{folder}/input.npy', { layer, module: 'features.18', logit: 643, sign: 1 });
  const printed = lines.join('\n').replace(JSON.stringify(shippedFile()), '"{weights}"');
  assert.equal(`${printed}\n`, golden('torchvision.py.txt'));
});

test('one that it would read otherwise, or not at all, is left to onnxruntime', async () => {
  assert.equal(await torchNetwork(mobilenet({ renamedHead: 'head.1' })), null);
  assert.equal(await torchNetwork(mobilenet({ unknownNames: ['lib.Thing'] })), null);
  const fewer = mobilenet();
  assert.equal(await torchNetwork({ ...fewer, classifier: { ...fewer.classifier, logits: [0, 1] } }), null);
  const other = mobilenet();
  const model = { ...other.model, architecture: 'torchvision/mobilenet_v3_small' };
  assert.equal(await torchNetwork({ ...other, model }), null);
});

test('names stay in their strings and comments', () => {
  for (const name of ['a"; import os #', 'a\nimport os', 'a\u2028b', "a'''b", '\\', 'a\r\nb']) {
    assert.doesNotMatch(comment(name), /[\n\r\u2028]/);
    assert.doesNotMatch(literal(name), /[\n\r\u2028]/);
    assert.equal(JSON.parse(literal(name)), name);
  }
});

test('NumPy files of one axis and of none of their own size', () => {
  const file = Buffer.from(npy([2], Float32Array.of(1, -2)));
  assert.equal(file.toString('latin1', 1, 6), 'NUMPY');
  assert.equal((file.length - 8) % 64, 0);
  assert.match(file.toString('latin1'), /\(2,\)/);
  assert.equal(file.readFloatLE(file.length - 4), -2);
});
