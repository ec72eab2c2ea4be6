/** Building: what the graph holds, what is refused, and that weights are not copied. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildNetwork, defaultHead, parametersOf } from '../../../server/src/architectures/build';
import { importClassifier, seededClassifier } from '../../../server/src/architectures/classifier';
import { architectures, findArchitecture } from '../../../server/src/architectures/registry';
import { seededStateDict, seededTensor } from '../../../server/src/architectures/seeded';
import type { StateDict } from '../../../server/src/architectures/state-dict';
import { fromTensorSource } from '../../../server/src/architectures/state-dict';
import { LensError } from '../../../server/src/errors';
import { stateDictOf } from './state-dicts';

const resnet = findArchitecture('torchvision/resnet18')!;
const head = defaultHead(resnet, 2);
const { shapes } = parametersOf(resnet, head);

describe('buildNetwork', () => {
  test('every reported layer is a tensor that a node makes, in the order of the graph', async () => {
    for (const id of [
      'efficientnet_pytorch/b0',
      'timm/tf_efficientnet_b0',
      'torchvision/efficientnet_v2_s',
      'torchvision/resnet50',
    ]) {
      const { model, layers, logits } = await seededClassifier(findArchitecture(id)!, {
        classes: 2,
        inputSize: 64,
      });
      const made = model.graph.nodes.flatMap((node) => node.outputs);
      const places = layers.map(({ tensor }) => made.indexOf(tensor));
      assert.ok(!places.includes(-1), id);
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
        id,
      );
      assert.equal(layers.at(-1)?.tensor, logits);
      assert.equal(new Set(layers.map(({ name }) => name)).size, layers.length);
    }
  });

  test('initializers are the arrays that the state dict returned', async () => {
    const given = new Map<string, Float32Array>();
    const seeded = seededStateDict(shapes);
    const stateDict: StateDict = {
      ...seeded,
      float32: async (name) => {
        const values = await seeded.float32(name);
        given.set(name, values);
        return values;
      },
    };
    const { model, parameterCount, input } = await buildNetwork(resnet, stateDict, { head });
    assert.equal(model.graph.initializers.size, shapes.size);
    for (const [name, { data }] of model.graph.initializers) {
      assert.ok(data instanceof Uint8Array);
      assert.equal(data.buffer, given.get(name)?.buffer, name);
    }
    assert.deepEqual(input.shape, [1, 3, 224, 224]);
    // 11,689,512 with 1000 classes, as torchvision states: 513 parameters a class.
    assert.equal(parameterCount, 11_689_512 - 998 * 513);
  });

  test('a shape that differs is refused by name', async () => {
    const wrong = stateDictOf(new Map([...shapes, ['conv1.weight', [64, 1, 7, 7]]]));
    await assert.rejects(buildNetwork(resnet, wrong, { head }), {
      message:
        'torchvision/resnet18: expected "conv1.weight" to have shape [64, 3, 7, 7], found [64, 1, 7, 7].',
    });
  });

  test('an input that the network shrinks to nothing is refused', async () => {
    const b5 = findArchitecture('efficientnet_pytorch/b5')!;
    await assert.rejects(
      seededClassifier(b5, { classes: 2, inputSize: 1 }),
      (error) => error instanceof LensError && error.kind === 'usage' && /too small/.test(error.message),
    );
  });
});

describe('importClassifier', () => {
  test('reads a tensor source under its wrapper and leaves the counters alone', async () => {
    const read: string[] = [];
    const wrapped = new Map([...shapes].map(([name, shape]) => [`net.${name}`, { shape }]));
    wrapped.set('net.bn1.num_batches_tracked', { shape: [] });
    const { network, prefix, notes } = await importClassifier(
      fromTensorSource({
        stateDict: wrapped,
        readFloat32: (name) => {
          read.push(name);
          return Promise.resolve(seededTensor(name, wrapped.get(name)?.shape ?? []));
        },
      }),
      { source: 'resnet.pth', inputSize: 64 },
    );
    assert.equal(network.id, 'torchvision/resnet18');
    assert.equal(network.classes, 2);
    assert.equal(prefix, 'net.');
    assert.deepEqual(notes, []);
    assert.deepEqual(network.input.shape, [1, 3, 64, 64]);
    assert.deepEqual(read.sort(), [...shapes.keys()].map((name) => `net.${name}`).sort());
  });

  test('a detector is not a classifier', async () => {
    const detector = {
      id: 'some/detector',
      task: 'detector' as const,
      anchor: 'body.weight',
      head: null,
      expected: () => ({ shapes: new Map([['body.weight', [1]]]), unused: new Set<string>() }),
      hasMoreThan: () => false,
    };
    await assert.rejects(
      importClassifier(stateDictOf(new Map([['body.weight', [1]]])), {
        source: 'd.pth',
        recognizers: [detector],
      }),
      { message: 'd.pth: expected a classifier, found some/detector, which is not one.' },
    );
  });
});

test('ids are unique', () => {
  assert.equal(new Set(architectures.map(({ id }) => id)).size, architectures.length);
});
