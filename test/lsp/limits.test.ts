/** Hostile and huge models in the editor: refused each for itself, in nobody's way, and within the memory that this machine's setting gives. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { analyze, layerDetails } from '../../protocol/requests';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../server/src/onnx/builder';
import type { Model } from '../../server/src/onnx/model';
import { writeModel } from '../../server/src/onnx/write';
import { samplePath, testCache } from '../support/cli';
import { temporaryFolder } from '../support/temp';
import { startServer, type RunningServer } from './server';
import { failureOf, valueOf } from './watch';

const folder = temporaryFolder('lsp-limits');
const MEMORY_LIMIT = 40;
let server: RunningServer;
let jobs = 0;

before(async () => {
  const settings = { memoryLimit: MEMORY_LIMIT, pipeline: 'imagenet', detector: 'none', device: 'cpu' };
  server = await startServer(settings, { env: { INFERENCE_LENS_CACHE: testCache } });
});
after(() => server.stop());

/** A convolution, what `body` adds, and a linear layer. */
function classifier(
  side: number,
  channels: number,
  body: (graph: GraphBuilder, x: string) => string = (_, x) => x,
): Model {
  const graph = new GraphBuilder('limits');
  const weights = (dims: readonly number[]): string => {
    const values = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => ((i % 7) - 3) / 7);
    return graph.constant('weights', float32Tensor(dims, values));
  };
  const image = graph.input('image', 'float32', [1, 3, side, side]);
  const x = body(graph, graph.node('Conv', [image, weights([channels, 3, 1, 1])], {}, 'conv'));
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [x])]);
  graph.output(graph.node('Gemm', [pooled, weights([channels, 2])], {}, 'logits'), 'float32', [1, 2]);
  return graph.model();
}

async function ask(name: string, model: Model, memoryLimit?: number) {
  const weights = join(folder, `${name}.onnx`);
  await writeModel(model, weights);
  const options = { weights, ...(memoryLimit === undefined ? {} : { memoryLimit }) };
  return server.ask(analyze, { job: `job ${++jobs}`, image: samplePath, options });
}

test('models that are refused are in the way of none that is requested beside them', async () => {
  const huge = (graph: GraphBuilder, x: string): string => {
    const sizes = graph.constant('sizes', int64Tensor([1, 4, 60_000, 60_000]));
    const filled = graph.node('ConstantOfShape', [sizes]);
    return graph.node('Add', [x, graph.node('GlobalAveragePool', [filled])]);
  };
  const long = (graph: GraphBuilder, x: string): string => {
    let last = x;
    for (let i = 0; i < 9000; i++) last = graph.node('Relu', [last]);
    return last;
  };
  const bad: readonly (readonly [string, Model, RegExp])[] = [
    [
      'axis',
      classifier(16, 4, (graph, x) =>
        graph.node(
          'LayerNormalization',
          [x, graph.constant('scale', float32Tensor([16], new Float32Array(16)))],
          { axis: -2147483648 },
        ),
      ),
      /axis\.onnx: .*LayerNormalization/,
    ],
    ['huge', classifier(16, 4, huge), /huge\.onnx: too large: /],
    ['long', classifier(16, 4, long), /long\.onnx: too large: it has 900\d operators/],
    ['wide', classifier(512, 64), /wide\.onnx: too large: .* more than the 40 MB/],
  ];
  const [good, ...refused] = await Promise.all([
    ask('good', classifier(16, 4)),
    ...bad.map(([name, model]) => ask(name, model)),
  ]);
  const { folder: report } = valueOf(good);
  assert.ok(readdirSync(report).includes('report.json'));
  for (const [i, [name, , message]] of bad.entries()) {
    const answer = refused[i]!;
    assert.ok(!answer.ok, `${name} is refused`);
    const { failure } = answer;
    assert.equal(failure.kind, 'model');
    assert.match(failure.message, message);
  }
});

test('the details of a layer are computed within the same memory, whatever the report was given', async () => {
  const { folder: report } = valueOf(await ask('let-through', classifier(512, 64), 2000));
  const failure = failureOf(
    await server.ask(layerDetails, { job: `job ${++jobs}`, folder: report, layer: 'logits', channels: 1 }),
  );
  assert.equal(failure.kind, 'model');
  assert.match(failure.message, /let-through\.onnx: too large: .* more than the 40 MB/);
});
