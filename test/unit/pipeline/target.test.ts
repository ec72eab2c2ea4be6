/** Which class is explained: by label, by index, by prediction. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClassNames } from '../../../protocol/target';
import { PREDICTED } from '../../../server/src/explain/target';
import {
  classesFitting,
  classLabels,
  targetIndex,
  targetsMeant,
} from '../../../server/src/pipeline/network/target';

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
  assert.deepEqual(classesFitting('cat', names), [1, 3, 2]);
});

test('a name of two classes is answered with their indices', () => {
  assert.throws(() => targetIndex('crane', names), {
    kind: 'usage',
    message: 'The target should be one class of the model; "crane" is the name of 2.',
    fix: 'Its indices are 5, 6: give 5 or 6.',
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

test('names that are shared or look like indices: every class has a target that means it alone', () => {
  const lists = [
    names,
    ['1', '10', '11', '2'],
    ['2', '0', '2'],
    ['1', '0', '1', '0'],
    ['pred', 'index:0', '', ''],
    ['real', 'fake'],
  ];
  for (const list of lists) {
    const of = new ClassNames(list);
    for (const index of list.keys()) assert.equal(targetIndex(of.targetOf(index), list), index, list.join());
  }
  const targets = (list: readonly string[]): string[] =>
    [...list.keys()].map((i) => new ClassNames(list).targetOf(i));
  assert.deepEqual(targets(['2', '0', '2']), ['index:0', '0', 'index:2']);
  assert.deepEqual(targets(names).slice(4), ['espresso', '5', '6']);
  assert.equal(new ClassNames(names).titleOf(6), 'crane (class 6)');
});

test('what an editor offers for a name that several share, in any case', () => {
  assert.deepEqual(targetsMeant('crane', names), ['5', '6']);
  assert.deepEqual(targetsMeant('Crane', names), ['5', '6']);
  assert.throws(() => targetIndex('CRANE', names), { fix: /^Did you mean 5 \(crane\) or 6 \(crane\)\? / });
});
