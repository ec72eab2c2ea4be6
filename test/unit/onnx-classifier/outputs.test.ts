/** Which output of an ONNX file is explained, and what is not a classifier: models made here, each with a score for five classes somewhere. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import { float32Tensor, GraphBuilder, int64Tensor } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { writeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('onnx-outputs');
const SIDE = 8;

class Builder extends GraphBuilder {
  weights(seed: string, dims: readonly number[]): string {
    const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
    return this.constant(seed, float32Tensor(dims, fillUniform(values, fnv1a32(seed), 0.4)));
  }

  /** (1, 6, 8, 8). */
  features(): string {
    const x = this.input('x', 'float32', [1, 3, SIDE, SIDE]);
    const pads = [1, 1, 1, 1];
    return this.node(
      'Relu',
      [this.node('Conv', [x, this.weights('w1', [6, 3, 3, 3])], { pads })],
      {},
      'features',
    );
  }

  /** (1, 6). */
  embedding(features = this.features()): string {
    return this.node('Flatten', [this.node('GlobalAveragePool', [features])], {}, 'embedding');
  }

  head(name: string, x: string, classes = 5): string {
    return this.node('Gemm', [x, this.weights(`${name}.weight`, [6, classes])], {}, name);
  }

  gives(...names: readonly string[]): void {
    for (const name of names) this.output(name, 'float32', null);
  }
}

const build = (make: (graph: Builder) => void): Model => {
  const graph = new Builder('outputs');
  make(graph);
  return graph.model();
};

async function open(name: string, make: (graph: Builder) => void) {
  const path = join(folder, `${name}.onnx`);
  await writeModel(build(make), path);
  return openOnnxClassifier(path, { inputSize: null });
}

interface Chosen {
  readonly make: (graph: Builder) => void;
  readonly output: string;
  readonly classes?: number;
  readonly others?: readonly string[];
  readonly note?: RegExp;
}

const chosen: Readonly<Record<string, Chosen>> = {
  'features first': {
    make: (g) => g.gives('features', g.head('logits', g.embedding())),
    ...{ output: 'logits', others: ['features'], note: /the others are "features" \[1, 6, 8, 8\]/ },
  },
  'an embedding first, under names that say nothing': {
    make: (g) => {
      const out0 = g.node('Identity', [g.embedding()], {}, 'out0');
      g.gives(out0, g.head('out1', out0));
    },
    ...{ output: 'out1', others: ['out0'] },
  },
  'an embedding last': {
    make: (g) => {
      const embedding = g.embedding();
      g.gives(g.head('output', embedding), embedding);
    },
    ...{ output: 'output', others: ['embedding'] },
  },
  'two heads': {
    make: (g) => {
      const embedding = g.embedding();
      g.gives(g.head('age', embedding), g.head('gender', embedding, 2));
    },
    ...{
      output: 'age',
      others: ['gender'],
      note: /"age" is read as the classes; the others are "gender" \[1, 2\]/,
    },
  },
  'the largest index': {
    make: (g) => {
      g.node('ArgMax', [g.head('scores', g.embedding())], { axis: 1, keepdims: 0 }, 'class');
      g.output('class', 'int64', null);
    },
    ...{
      output: 'class',
      note: /"class" is picked by ArgMax: what it picks from, "scores", is shown and explained/,
    },
  },
  'the three largest': {
    make: (g) => {
      const p = g.node('Softmax', [g.head('scores', g.embedding())], { axis: 1 }, 'p');
      g.nodeWithOutputs('TopK', [p, g.constant('k', int64Tensor([3]))], {}, ['values', 'indices']);
      g.gives('values');
      g.output('indices', 'int64', null);
    },
    ...{ output: 'values', others: ['indices'], note: /picked by TopK: what it picks from, "p"/ },
  },
  'a map by class name': {
    make: (g) => {
      const p = g.node('Softmax', [g.head('scores', g.embedding())], { axis: 1 }, 'p');
      const names = { kind: 'strings', value: ['a', 'b', 'c', 'd', 'e'] } as const;
      g.node('ZipMap', [p], { classlabels_strings: names }, 'map', 'ai.onnx.ml');
      g.gives('map');
    },
    ...{ output: 'map', note: /picked by ZipMap/ },
  },
  'the largest of the classes, and which it is': {
    make: (g) => {
      const scores = g.head('scores', g.embedding());
      g.node('ReduceMax', [scores], { axes: [1], keepdims: 0 }, 'values');
      g.node('ArgMax', [scores], { axis: 1, keepdims: 0 }, 'indices');
      g.gives('values');
      g.output('indices', 'int64', null);
    },
    ...{ output: 'values', others: ['indices'], note: /"values" is picked by ReduceMax: .*"scores"/ },
  },
  'the side of a threshold': {
    make: (g) => {
      const p = g.node('Sigmoid', [g.head('one', g.embedding(), 1)], {}, 'p');
      const above = g.node('Greater', [p, g.constant('half', float32Tensor([], [0.5]))]);
      const numbers = [1, 0].map((value) => g.constant('k', float32Tensor([], [value])));
      g.gives(g.node('Where', [above, ...numbers], {}, 'verdict'));
    },
    ...{ output: 'verdict', classes: 1, note: /picked by Greater: what it picks from, "p"/ },
  },
  'an embedding of length 1 first': {
    make: (g) => {
      const embedding = g.embedding();
      const length = g.node('ReduceL2', [embedding], { axes: [1] });
      g.gives(g.node('Div', [embedding, length], {}, 'first'), g.head('second', embedding));
    },
    ...{ output: 'second', others: ['first'] },
  },
  'an auxiliary head first, by its depth': {
    make: (g) => {
      const features = g.features();
      const deeper = g.node('Conv', [features, g.weights('w2', [6, 6, 3, 3])]);
      const early = g.node('Flatten', [g.node('GlobalAveragePool', [features])]);
      g.gives(g.head('first', early), g.head('second', g.embedding(deeper)));
    },
    ...{ output: 'second', others: ['first'] },
  },
  '[1, classes, 1, 1]': {
    make: (g) => {
      const scores = g.node('Conv', [g.features(), g.weights('w2', [5, 6, 1, 1])]);
      g.gives(g.node('GlobalAveragePool', [scores], {}, 'logits'));
    },
    output: 'logits',
  },
  '[1, 1, classes]': {
    make: (g) =>
      g.gives(
        g.node('Unsqueeze', [g.head('scores', g.embedding()), g.constant('a', int64Tensor([0]))], {}, 'out'),
      ),
    output: 'out',
  },
  '[1]': {
    make: (g) =>
      g.gives(
        g.node('Squeeze', [g.head('one', g.embedding(), 1), g.constant('a', int64Tensor([1]))], {}, 'out'),
      ),
    ...{ output: 'out', classes: 1 },
  },
};

describe('the output that holds the classes', () => {
  for (const [name, { make, output, classes = 5, others = [], note }] of Object.entries(chosen))
    test(name, async () => {
      const network = await open(name.replace(/\W/g, '-'), make);
      assert.equal(network.classes, classes);
      assert.equal(network.proved.output.name, output);
      assert.deepEqual(network.proved.output.others, others);
      if (note) assert.match(network.notes.join(' '), note);
    });

  test("a map's class names are told", async () => {
    const { proved } = await open('labels', chosen['a map by class name']!.make);
    assert.deepEqual(proved.output.labels, ['a', 'b', 'c', 'd', 'e']);
  });
});

const dense = (g: Builder): string =>
  g.node('Conv', [g.features(), g.weights('w2', [5, 6, 1, 1])], {}, 'dense');

const refused: Readonly<Record<string, readonly [(graph: Builder) => void, RegExp]>> = {
  segmentation: [(g) => g.gives(dense(g)), /found "dense" of shape \[1, 5, 8, 8\]: this is a segmentation/],
  'the class of each pixel': [
    (g) => g.output(g.node('ArgMax', [dense(g)], { axis: 1 }, 'mask'), 'int64', null),
    /found "mask" of shape \[1, 5, 8, 8\]: this is a segmentation/,
  ],
  'boxes and scores': [
    (g) => {
      const rows = g.node('Reshape', [dense(g), g.constant('s', int64Tensor([1, 64, 5]))], {}, 'predictions');
      g.gives(rows);
    },
    /found "predictions" of shape \[1, 64, 5\]: this is a detection \(detector\) model/,
  ],
  'boxes and a score for each': [
    (g) => {
      const features = g.features();
      const rows = (name: string, channels: number, dims: readonly number[]): string => {
        const map = g.node('Conv', [features, g.weights(name, [channels, 6, 1, 1])]);
        return g.node('Reshape', [map, g.constant('s', int64Tensor(dims))], {}, `${name}-rows`);
      };
      g.gives(rows('first', 4, [64, 4]), rows('second', 1, [64]));
    },
    /detection \(detector\) model/,
  ],
  'an embedding alone': [
    (g) => {
      const embedding = g.embedding();
      g.gives(g.node('LpNormalization', [embedding], { axis: 1, p: 2 }, 'out'));
    },
    /found "out" of shape \[1, 6\]: this is an embedding model/,
  ],
  'a row of characters': [
    (g) => {
      const rows = g.node('Reshape', [dense(g), g.constant('s', int64Tensor([1, 64, 5]))]);
      g.gives(g.node('Softmax', [rows], { axis: 2 }, 'text'));
    },
    /this is a text recognition or other sequence model/,
  ],
  'boxes by name': [
    (g) => g.gives(g.node('Reshape', [dense(g), g.constant('s', int64Tensor([1, 80, 4]))], {}, 'boxes')),
    /detection \(detector\) model/,
  ],
};

describe('what holds no classes is refused as what it is', () => {
  for (const [name, [make, message]] of Object.entries(refused))
    test(name, () => assert.rejects(open(name.replace(/\W/g, '-'), make), { kind: 'model', message }));
});
