/** How much a network may take, and how it is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  memoryLimit,
  requireClasses,
  requireLayers,
  requireMemory,
  requireNodes,
} from '../../../server/src/pipeline/network/memory-limit';

test('half of the machine, of the container where that is less, or what was requested', () => {
  assert.deepEqual(memoryLimit(null, 8e9, 0), { bytes: 4e9, halfOf: "this machine's memory" });
  assert.deepEqual(memoryLimit(null, 8e9, 2 ** 63), { bytes: 4e9, halfOf: "this machine's memory" });
  assert.deepEqual(memoryLimit(null, 8e9, 1e9), { bytes: 0.5e9, halfOf: "this container's memory" });
  assert.deepEqual(memoryLimit(300, 8e9, 1e9), { bytes: 300e6, halfOf: null });
});

test('a refusal names file, need, limit, the largest tensor and what to do', () => {
  const largest = { name: 'ct', dims: [1, 6, 24578, 24578], bytes: 14.5e9 };
  const estimate = { bytes: 14.6e9, largest };
  requireMemory(estimate, memoryLimit(null, 30e9, 0), '/m.onnx');
  assert.throws(() => requireMemory(estimate, memoryLimit(null, 25.2e9, 0), '/m.onnx'), {
    kind: 'model',
    message:
      "/m.onnx: too large: explaining it takes about 14.6 GB, more than the 12.6 GB allowed (half of this machine's memory). " +
      'Its largest tensor is "ct" of shape [1, 6, 24578, 24578] and 14.5 GB.',
    remedies: [{ do: 'memory-limit' }],
  });
  assert.throws(() => requireMemory({ bytes: 1e25, largest: null }, memoryLimit(16), '/m.onnx'), {
    message: '/m.onnx: too large: explaining it takes about 10000000 EB, more than the 16 MB allowed.',
  });
});

test('a network of more layers than a report can show is refused', () => {
  requireLayers(1500, '/m.onnx');
  assert.throws(() => requireLayers(2001, '/m.onnx'), {
    kind: 'model',
    message: /m\.onnx: too large: it has 2001 layers/,
  });
});

test('a network of more classes than a report can name is refused', () => {
  requireClasses(100_000, '/m.onnx');
  assert.throws(() => requireClasses(1_048_576, '/m.onnx'), {
    kind: 'model',
    message: '/m.onnx: too large: it has 1048576 classes, more than the 100000 that a report can hold.',
  });
});

test('a network of more operators than can be explained in seconds is refused', () => {
  requireNodes(8000, '/m.onnx');
  assert.throws(() => requireNodes(20_003, '/m.onnx'), {
    kind: 'model',
    message: '/m.onnx: too large: it has 20003 operators, more than the 8000 that can be explained.',
  });
});
