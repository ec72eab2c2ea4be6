/** Which class is explained: by label, by index, by prediction. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PREDICTED } from '../../../server/src/explain/target';
import { classLabels, targetIndex, targetsFitting } from '../../../server/src/pipeline/network/target';

const labels = ['real', 'fake'];

test('labels, indices, prediction', () => {
  assert.equal(targetIndex('fake', labels), 1);
  assert.equal(targetIndex('0', labels), 0);
  assert.equal(targetIndex('pred', labels), PREDICTED);
  assert.equal(targetIndex('7', ['a', '7']), 1, 'a label before an index');
});

for (const target of ['2', '-1', '1.0', '', '1e0', ' 1'])
  test(`no class: ${JSON.stringify(target)}`, () => {
    assert.throws(() => targetIndex(target, labels), {
      kind: 'usage',
      message: `The target should be a class of the model, or pred; found "${target}".`,
      fix: 'Classes are real, fake; an index from 0 to 1 works too.',
    });
  });

test('many classes are not all listed', () => {
  const many = classLabels({ labels: ['tench'] }, 1000);
  assert.deepEqual(many.slice(0, 2), ['tench', 'class 1']);
  assert.throws(() => targetIndex('cat', many), {
    fix: 'Classes are tench, class 1, class 2, ... (1000 classes); an index from 0 to 999 works too.',
  });
});

const names = ['tench', 'tiger cat', 'Egyptian cat', 'catamaran', 'espresso', 'crane', 'crane'];

test('a name in any case, and a part that one class alone has', () => {
  for (const target of ['egyptian cat', 'egyptian_cat', 'Egyptian', 'EGYPT'])
    assert.equal(targetIndex(target, names), 2);
  assert.equal(targetIndex('espr', names), 4);
  assert.deepEqual(targetsFitting('cat', names), ['tiger cat', 'catamaran', 'Egyptian cat']);
});

test('a name of two classes is answered with their indices', () => {
  assert.throws(() => targetIndex('crane', names), {
    kind: 'usage',
    message: 'The target should be one class of the model; "crane" is the name of 2.',
    fix: 'Its indices are 5, 6: an index works too.',
  });
});

test('a name that is almost one, or part of some, is answered with those', () => {
  for (const [target, meant] of [
    ['expresso', '"espresso"'],
    ['cat', '"tiger cat" or "catamaran" or "Egyptian cat"'],
  ] as const)
    assert.throws(() => targetIndex(target, names), {
      fix: new RegExp(`^Did you mean ${meant}\\? Classes are tench`),
    });
  assert.throws(() => targetIndex('zebra', names), { fix: /^Classes are/ });
});
