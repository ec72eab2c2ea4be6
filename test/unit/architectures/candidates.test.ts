/** Only networks that can be a file's own or the closest are compared: the answer is that of comparing with all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidatesAmong } from '../../../server/src/architectures/candidates';
import { isSame } from '../../../server/src/architectures/difference';
import { fitNetwork } from '../../../server/src/architectures/fit';
import { recognizers } from '../../../server/src/architectures/recognizers';
import type { Shapes } from '../../../server/src/architectures/state-dict';
import { commonPrefix } from '../../../server/src/architectures/wrapper';
import { savedShapes } from './state-dicts';

/** Every second to seventh name goes, by a fixed pattern. */
const without = (shapes: Shapes, goes: (index: number) => boolean): Shapes =>
  new Map([...shapes].filter((_, index) => !goes(index)));

const files: Readonly<Record<string, Shapes>> = {
  'one of two heads': savedShapes('timm/deit_tiny_distilled_patch16_224', 7),
  'without every fifth tensor': without(savedShapes('timm/resnet26d'), (i) => i % 5 === 0),
  'with two of five tensors': without(savedShapes('torchvision/mobilenet_v2'), (i) => i % 5 > 1),
  'a few unknown tensors': new Map(Array.from({ length: 9 }, (_, i) => [`a${i}.weight`, [3, i]])),
};

for (const [what, shapes] of Object.entries(files))
  test(`the exact and the closest networks of a file: ${what}`, () => {
    const at = { prefix: commonPrefix([...shapes.keys()]), copies: [] };
    const all = recognizers.map((known) => fitNetwork(known, known.expected(), shapes, at));
    const exact = all.filter(({ difference, headProblem }) => isSame(difference) && headProblem === null);
    const highest = Math.max(...all.map(({ difference }) => difference.agreement));
    const closest = all.find(({ difference }) => difference.agreement === highest);
    for (const least of [0, 0.5]) {
      const found = candidatesAmong(recognizers, shapes, { least, anchored: false });
      assert.deepEqual(
        found.exact().map(({ recognizer }) => recognizer.id),
        exact.map(({ recognizer }) => recognizer.id),
      );
      const expected = highest < least ? undefined : closest;
      assert.equal(found.closest()?.recognizer.id, expected?.recognizer.id);
      assert.deepEqual(found.closest()?.difference, expected?.difference);
    }
  });
