/** Which lines of Python make the module of a layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf, likeliest, modulesMade } from '../../../client/src/panel/moduleSource';

const net = `class Block(nn.Module):
    def __init__(self):
        self.conv: nn.Module = nn.Conv2d(3, 8, 3)
        self.add_module("norm", nn.BatchNorm2d(8))
        # self.conv = commented

class Net(nn.Module):
    def __init__(self):
        self.features = nn.Sequential(Block(), Block())
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        if self.features == None: return x
        return self.head(self.features(x))
`;
const other = `class Other:\n    def __init__(self):\n        self.conv = 1\n`;

const lines = (layer: string, ...files: readonly string[]) => {
  const attributes = attributesOf(layer);
  const made = files.map((text, file) => [file, modulesMade(text, attributes)] as const);
  return likeliest(made, attributes).map(([file, { line, attribute }]) => [file, line + 1, attribute]);
};

test('numbers are not attributes', () => {
  assert.deepEqual(attributesOf('features.18.conv.1'), ['features', 'conv']);
  assert.deepEqual(attributesOf('/layer1/layer1.0/Conv'), ['layer1', 'Conv']);
  assert.deepEqual(attributesOf('17'), []);
});

test('the innermost module of the path, in the file that makes most of it', () => {
  assert.deepEqual(lines('features.1.conv', other, net), [[1, 3, 'conv']]);
  assert.deepEqual(lines('features.1', other, net), [[1, 9, 'features']]);
  assert.deepEqual(lines('features.1.norm', net), [[0, 4, 'norm']]);
  assert.deepEqual(lines('head', net.replaceAll('\n', '\r\n')), [[0, 10, 'head']]);
});

test('all of several that are as likely, and none where nothing is made', () => {
  assert.deepEqual(lines('conv', other, net), [
    [0, 3, 'conv'],
    [1, 3, 'conv'],
  ]);
  assert.deepEqual(lines('block_10', other, net), []);
});
