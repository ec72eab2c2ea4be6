/** Hostile and huge models: refused as the model's fault or analyzed, within their limits, and never a raw name on a terminal. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { hostileNames } from '../../bench/fuzz/onnx/hostile-values';
import { GraphBuilder, float32Tensor } from '../../server/src/onnx/builder';
import type { Model } from '../../server/src/onnx/model';
import { encodeModel } from '../../server/src/onnx/write';
import { UNSEEN } from '../../server/src/printable';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('hostile-models');
const env = { INFERENCE_LENS_CACHE: join(folder, 'cache') };

const analyze = (weights: string, output: string, ...more: readonly string[]) =>
  residentCli(
    [
      'analyze',
      samplePath,
      '--pipeline',
      'imagenet',
      '--detector',
      'none',
      '--weights',
      weights,
      '--output',
      output,
      ...more,
    ],
    { env, timeoutMs: 180_000 },
  );

/** Whole lines of what can be seen. */
const assertPlain = (text: string): void => assert.equal(text.replaceAll('\n', '').match(UNSEEN), null, text);

const STEER = '\u001b]0;PWNED\u0007\u001b[2J\u001b[31m\nerror: fake\u202e\u200b\u009b1m';

/** Every name that a file can give: nodes, tensors, layers, metadata, producer, graph, input, output. */
function hostile(name: (what: string) => string, axis: number): Model {
  const graph = new GraphBuilder(name('graph'));
  const image = graph.input(name('input'), 'float32', [1, 3, 16, 16]);
  const w = graph.initializer(name('weights'), float32Tensor([4, 3, 3, 3], new Float32Array(108).fill(0.1)));
  const fc = graph.initializer(name('fc'), float32Tensor([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]));
  const conv = graph.node('Conv', [image, w], {}, name('conv'));
  const soft = graph.node('Softmax', [conv], { axis }, name('softmax'));
  const flat = graph.node(
    'Flatten',
    [graph.node('GlobalAveragePool', [soft], {}, name('pool'))],
    {},
    name('flat'),
  );
  graph.output(graph.node('Gemm', [flat, fc], {}, name('logits')), 'float32', [1, 2]);
  const model = graph.model({ [name('key')]: name('value') });
  const nodes = model.graph.nodes.map((node, i) => ({ ...node, name: name(`node${i}`) }));
  return { ...model, producer: name('producer'), graph: { ...model.graph, nodes } };
}

test('names that steer a terminal are shown by their numbers, in a report and in a refusal', async () => {
  const file = join(folder, `${STEER.replaceAll('\u0000', '')}.onnx`);
  writeFileSync(file, encodeModel(hostile((what) => `${STEER}${what}`, 1)));
  const output = join(folder, 'steered');
  const done = await analyze(file, output);
  assert.equal(done.code, 0, done.stderr);
  assertPlain(done.stdout + done.stderr);
  const [id = ''] = readdirSync(output);
  const place = join(output, id, 'result');
  assertPlain(readFileSync(join(place, 'report.md'), 'utf8'));
  assertPlain(readFileSync(join(place, 'process.log'), 'utf8'));
  const report = JSON.parse(readFileSync(join(place, 'report.json'), 'utf8')) as Report;
  assert.ok(
    report.layers.some(({ name }) => name === `${STEER}conv`),
    'names are whole in report.json',
  );
  const lines = await analyze(file, output, '--json', '--quiet');
  assert.equal(lines.code, 0, lines.stderr);
  assertPlain(lines.stdout);
  assert.equal(lines.stderr, '');
  assert.match((JSON.parse(lines.stdout) as { report: Report }).report.model.name, /PWNED/);

  writeFileSync(file, encodeModel(hostile((what) => `${STEER}${what}`, 9)));
  const refused = await analyze(file, output, '--quiet');
  assert.equal(refused.code, 4, refused.stderr);
  assertPlain(refused.stderr);
  const printed = refused.stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().slice(0, 6));
  assert.deepEqual(
    [printed.length, printed[2]],
    [3, 'code: '],
    'a line for the error, one for the fix, one for the code',
  );
});

test('any name may be any name', async () => {
  const output = join(folder, 'any');
  for (const [i, name] of hostileNames.filter((each) => each.length < 1000 && each !== '').entries()) {
    if (i % 6 !== 0 && !name.includes('__') && name !== 'constructor') continue;
    const file = join(folder, `any-${i}.onnx`);
    writeFileSync(file, encodeModel(hostile((what) => (what === 'conv' ? name : what), 1)));
    const { code, stderr } = await analyze(file, output, '--quiet');
    assert.equal(code, 0, `${JSON.stringify(name)}: ${stderr}`);
    assert.equal(stderr, '');
  }
});

test('a network above the limit is refused with its largest tensor, and can be let through', async () => {
  const file = join(folder, 'wide.onnx');
  const graph = new GraphBuilder('wide');
  const image = graph.input('image', 'float32', [1, 3, 512, 512]);
  const w = graph.initializer('w', float32Tensor([8, 3, 1, 1], new Float32Array(24).fill(0.1)));
  const pool = graph.node('GlobalAveragePool', [graph.node('Conv', [image, w], {}, 'wide')]);
  const fc = graph.initializer('fc', float32Tensor([8, 2], new Float32Array(16).fill(0.5)));
  graph.output(graph.node('Gemm', [graph.node('Flatten', [pool]), fc], {}, 'logits'), 'float32', [1, 2]);
  writeFileSync(file, encodeModel(graph.model()));
  const output = join(folder, 'limit');
  const refused = await analyze(file, output, '--memory-limit', '16');
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(
    refused.stderr,
    /wide\.onnx: too large: .* more than the 16 MB allowed\. Its largest tensor is "[^"]+" of shape \[1, 8, 512, 512\] and 8\.39 MB/,
  );
  assert.match(refused.stderr, /--memory-limit <MB>/);
  assert.equal((await analyze(file, output, '--memory-limit', '200')).code, 0);
  const cached = await analyze(file, output, '--memory-limit', '16');
  assert.equal(cached.code, 4, 'also once it is in the cache');
});
