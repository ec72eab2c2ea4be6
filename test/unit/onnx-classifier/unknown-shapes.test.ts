/** What the picture decides: a form that follows from a loop's body is explained around it, a size that nobody knows names its operator. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { explainPlainly } from '../../../bench/conformance/explain-file';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import { readModel } from '../../../server/src/onnx/read';
import { encodeModel, writeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('unknown-shapes');
const SHAPE = [1, 3, 8, 8] as const;

const uniform = (seed: string, count: number): Float32Array =>
  fillUniform(new Float32Array(count), fnv1a32(seed), 0.4);

class Builder extends GraphBuilder {
  constructor() {
    super('unknown');
  }

  conv(name: string, x: string, inputs: number): string {
    const weight = this.constant('w', float32Tensor([6, inputs, 3, 3], uniform(name, 54 * inputs)));
    return this.node('Relu', [this.node('Conv', [x, weight], { pads: [1, 1, 1, 1] })], {}, name);
  }

  ints(...values: readonly number[]): string {
    return this.constant('ints', int64Tensor(values));
  }

  /** A small whole number that depends on the picture: (1). */
  computed(x: string): string {
    const most = this.node('ReduceMax', [x], { keepdims: 0 });
    const whole = this.node('Cast', [this.node('Ceil', [most])], { to: 7 });
    return this.node('Reshape', [whole, this.ints(1)]);
  }

  /** (1, 6, 64). */
  flat(x: string): string {
    return this.node('Reshape', [x, this.ints(1, 6, -1)]);
  }
}

/** conv1, `middle`, conv2, pool, gemm. */
async function fileOf(name: string, middle: (graph: Builder, x: string) => string): Promise<string> {
  const graph = new Builder();
  const x = graph.input('image', 'float32', SHAPE);
  const pooled = graph.node('GlobalAveragePool', [
    graph.conv('conv2', middle(graph, graph.conv('conv1', x, 3)), 6),
  ]);
  const head = graph.constant('head', float32Tensor([6, 5], uniform('head', 30)));
  graph.node('MatMul', [graph.node('Flatten', [pooled]), head], {}, 'logits');
  graph.output('logits', 'float32', null);
  const model = graph.model();
  const nodes = model.graph.nodes.map((node) =>
    node.outputs[0] === 'middle' ? { ...node, name: `/select/${node.opType}` } : node,
  );
  const path = join(folder, `${name}.onnx`);
  await writeModel({ ...model, graph: { ...model.graph, nodes } }, path);
  return path;
}

const sized = 'the shape of what it makes is not known before the model runs';
const asLarge = `${sized}: the size of its output depends on what is in the picture`;
const unknown: Readonly<
  Record<string, readonly [why: string | RegExp, middle: (graph: Builder, x: string) => string]>
> = {
  NonZero: [asLarge, (g, x) => g.node('Cast', [g.node('NonZero', [x], {}, 'middle')], { to: 1 })],
  Unique: [asLarge, (g, x) => g.node('Reshape', [g.node('Unique', [x], {}, 'middle'), g.ints(1, 6, 1, -1)])],
  Compress: [
    asLarge,
    (g, x) => {
      const chosen = g.node('Greater', [
        g.node('ReduceMax', [g.flat(x)], { axes: [0, 1], keepdims: 0 }),
        g.constant('c', float32Tensor([], [0.5])),
      ]);
      return g.node('Unsqueeze', [g.node('Compress', [g.flat(x), chosen], { axis: 2 }, 'middle'), g.ints(3)]);
    },
  ],
  NonMaxSuppression: [
    asLarge,
    (g, x) => {
      const boxes = g.node('Reshape', [x, g.ints(1, -1, 4)]);
      const scores = g.node('Transpose', [g.node('ReduceMean', [boxes], { axes: [2] })], { perm: [0, 2, 1] });
      const kept = g.node('Cast', [g.node('NonMaxSuppression', [boxes, scores, g.ints(9)], {}, 'middle')], {
        to: 1,
      });
      return g.node('Add', [x, g.node('ReduceMean', [kept], { keepdims: 0 })]);
    },
  ],
  Resize: [
    /"concat" depends on the data/,
    (g, x) => {
      const size = g.computed(x);
      const sizes = g.node('Concat', [g.ints(1, 6), size, size], { axis: 0 }, 'concat');
      return g.nodeWithOutputs('Resize', [x, '', '', sizes], { mode: 'nearest' }, ['middle'])[0] as string;
    },
  ],
  Slice: [
    /depends on the data/,
    (g, x) => g.node('Slice', [x, g.ints(0), g.computed(x), g.ints(2)], {}, 'middle'),
  ],
  Reshape: [
    /"concat" depends on the data/,
    (g, x) =>
      g.node(
        'Reshape',
        [x, g.node('Concat', [g.ints(1, 6, -1), g.computed(x)], { axis: 0 }, 'concat')],
        {},
        'middle',
      ),
  ],
  TopK: [
    /depends on the data/,
    (g, x) => {
      const [values = ''] = g.nodeWithOutputs('TopK', [g.flat(x), g.computed(x)], { axis: 2 }, [
        'middle',
        'places',
      ]);
      return g.node('Unsqueeze', [values, g.ints(3)]);
    },
  ],
  Deform: [
    'the operator com.acme.Deform is not known',
    (g, x) => g.node('Deform', [x], {}, 'middle', 'com.acme'),
  ],
};

describe('a size that nobody knows names operator, node and module', () => {
  for (const [operator, [why, middle]] of Object.entries(unknown))
    test(operator, async () => {
      const path = await fileOf(operator, middle);
      await assert.rejects(
        openOnnxClassifier(path, { inputSize: null }),
        (error: Error & { fix?: string }) => {
          const start = `${path}: ${operator} node "/select/${operator}" in select: the output depends on it, and `;
          assert.ok(error.message.startsWith(start), error.message);
          if (typeof why === 'string') assert.equal(error.message.slice(start.length), `${why}.`);
          else assert.match(error.message, why);
          assert.match(
            error.fix ?? '',
            operator === 'Deform' ? /standard domain/ : /so that no size depends on what is in the picture/,
          );
          return true;
        },
      );
    });
});

/** Operators that are lowered by the shapes of their inputs, after one of which nothing is known. */
const after: Readonly<Record<string, (graph: Builder, x: string) => string>> = {
  QuantizeLinear: (g, x) => {
    const by = [
      g.constant('scale', float32Tensor([], [0.1])),
      g.constant('zero', { type: 'uint8', dims: [], data: Uint8Array.of(9) }),
    ];
    return g.node('DequantizeLinear', [g.node('QuantizeLinear', [x, ...by]), ...by]);
  },
  MatMulInteger: (g, x) => {
    const [codes = '', , zero = ''] = g.nodeWithOutputs('DynamicQuantizeLinear', [x], {}, ['q', 's', 'z']);
    const weights = g.constant('w', { type: 'uint8', dims: [8, 8], data: new Uint8Array(64) });
    return g.node('Cast', [g.node('MatMulInteger', [codes, weights, zero])], { to: 1 });
  },
  Einsum: (g, x) => g.node('Einsum', [x], { equation: 'nchw->nchw' }),
  GroupNormalization: (g, x) => {
    const ones = g.constant('ones', float32Tensor([6], new Float32Array(6).fill(1)));
    return g.node('GroupNormalization', [x, ones, ones], { num_groups: 2 });
  },
  LSTM: (g, x) => {
    const weights = [32, 8].map((size) =>
      g.constant('w', float32Tensor([1, 32, size], uniform('w', 32 * size))),
    );
    return g.nodeWithOutputs('LSTM', [g.node('Squeeze', [x, g.ints(0)]), ...weights], { hidden_size: 8 }, [
      'y',
    ])[0] as string;
  },
  'Reshape and LpNormalization': (g, x) => g.node('LpNormalization', [g.flat(x)]),
};

describe('an operator that is not known is named, not one behind it that lacks a shape', () => {
  for (const [name, behind] of Object.entries(after))
    test(name, async () => {
      const unknown = (g: Builder, x: string) =>
        g.node('DynamicQuantizeLSTM', [x], {}, 'middle', 'com.microsoft');
      const path = await fileOf(`before ${name}`, (g, x) => behind(g, unknown(g, x)));
      await assert.rejects(openOnnxClassifier(path, { inputSize: null }), {
        message: `${path}: DynamicQuantizeLSTM node "/select/DynamicQuantizeLSTM" in select: the output depends on it, and the operator com.microsoft.DynamicQuantizeLSTM is not known.`,
      });
    });
});

/** x, halved and cut at zero. */
function turn(x: string, inputs: readonly string[]): GraphBuilder {
  const body = new GraphBuilder('turn');
  if (inputs.length > 0) body.input('turn', 'int64', []);
  const more = inputs.length > 0 ? body.input('more', 'bool', []) : '';
  const value = inputs.length > 0 ? body.input('value', 'float32', null) : x;
  if (more !== '') body.output(body.node('Identity', [more], {}, 'go on'), 'bool', []);
  const half = body.initializer('half', float32Tensor([], [inputs.length > 0 ? 0.5 : 0.25]));
  body.output(body.node('Relu', [body.node('Mul', [value, half])], {}, 'turned'), 'float32', null);
  return body;
}

const around: Readonly<Record<string, (graph: Builder, x: string) => string>> = {
  Loop: (g, x) => {
    const times = g.node('Squeeze', [g.computed(x)]);
    const yes = g.constant('yes', { type: 'bool', dims: [], data: Uint8Array.of(1) });
    return g.node(
      'Loop',
      [times, yes, x],
      { body: { kind: 'graph', value: turn(x, ['value']).graph() } },
      'middle',
    );
  },
  If: (g, x) => {
    const bright = g.node('Greater', [
      g.node('ReduceMean', [x], { keepdims: 0 }),
      g.constant('c', float32Tensor([], [0.1])),
    ]);
    const other = new GraphBuilder('other');
    other.output(other.node('Abs', [x], {}, 'same'), 'float32', null);
    const branches = { then_branch: turn(x, []).graph(), else_branch: other.graph() };
    const attributes = Object.entries(branches).map(
      ([name, value]) => [name, { kind: 'graph', value }] as const,
    );
    return g.node('If', [bright], Object.fromEntries(attributes), 'middle');
  },
};

describe('what stands behind is explained, what stands before shows activations', () => {
  for (const [operator, middle] of Object.entries(around))
    test(operator, async () => {
      const path = await fileOf(operator, middle);
      const data = uniform('picture', 192);
      const image = { type: 'float32', dims: SHAPE, data } as const;
      const session = await createSession(encodeModel(await readModel(path)), {
        provider: 'cpu',
        threads: 1,
      });
      const logits = (await session.run({ image }))['logits']?.data as Float32Array;
      await session.dispose();
      const sample = await explainPlainly(path, data, SHAPE);
      logits.forEach((logit, i) => assert.ok(Math.abs(logit - (sample.logits[i] ?? NaN)) < 1e-5));
      const before = sample.layers.filter(({ unexplained }) => unexplained !== null);
      const why = `Node "/select/${operator}" in select: no gradient is known for the operator ${operator} (opset 17).`;
      assert.ok(before.length > 0 && before.every(({ unexplained }) => unexplained === why));
      assert.ok(before.every(({ cam, mean }) => cam.size === 0 && mean.some((value) => value !== 0)));
      const behind = sample.layers.filter(({ form, cam }) => form.kind === 'map' && cam.size > 0);
      assert.ok(behind.some(({ cam }) => cam.get('gradcam')?.some((value) => value !== 0)));
    });
});
