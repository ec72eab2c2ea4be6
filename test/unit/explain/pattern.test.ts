/** Patterns of the passes: operands in either order, one name for one tensor, and reasons for what is left. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GraphEditor } from '../../../server/src/explain/passes/editor';
import { rewrite } from '../../../server/src/explain/passes';
import { replaced, type GraphPass } from '../../../server/src/explain/passes/pass';
import { any, as, match, op, type Pattern } from '../../../server/src/explain/passes/pattern';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import { inferShapes } from '../../../server/src/onnx/shapes';

const inputs = ['a', 'b', 'c'] as const;

/** A graph of one output, `y`. */
function modelOf(build: (graph: GraphBuilder) => string) {
  const graph = new GraphBuilder('test');
  for (const name of inputs) graph.input(name, 'float32', [2, 2]);
  graph.output(graph.node('Identity', [build(graph)], {}, 'y'), 'float32', [2, 2]);
  return graph.model();
}

function editorOf(build: (graph: GraphBuilder) => string) {
  const model = modelOf((graph) => graph.node('Neg', [build(graph)], {}, 'negative'));
  return new GraphEditor(model, inferShapes(model), 'test');
}

const neg = <Names extends string>(pattern: Pattern<Names>): Pattern<Names> => op('Neg', pattern);

describe('a pattern', () => {
  const distributed = neg(op('Add', op('Mul', any('x'), any('k')), op('Mul', any('z'), any('k'))));

  for (const [first, second] of [
    [
      ['a', 'c'],
      ['b', 'c'],
    ],
    [
      ['c', 'a'],
      ['b', 'c'],
    ],
    [
      ['a', 'c'],
      ['c', 'b'],
    ],
    [
      ['c', 'a'],
      ['c', 'b'],
    ],
  ] as const) {
    test(`finds ${first.join(' ')} + ${second.join(' ')} with one name for both c`, () => {
      const editor = editorOf((graph) =>
        graph.node('Add', [graph.node('Mul', first), graph.node('Mul', second)]),
      );
      const found = match(editor, 'negative', distributed);
      assert.deepEqual(new Set([found?.x, found?.z]), new Set(['a', 'b']));
      assert.equal(found?.k, 'c');
    });
  }

  test('is not found where one name would stand for two tensors', () => {
    const editor = editorOf((graph) =>
      graph.node('Add', [graph.node('Mul', ['a', 'b']), graph.node('Mul', ['c', 'c'])]),
    );
    assert.equal(match(editor, 'negative', distributed), undefined);
  });

  test('keeps the order of operands of what does not commute', () => {
    const pattern = neg(op('Sub', any('x'), op('Mul', any('x'), any('k'))));
    const forward = editorOf((graph) => graph.node('Sub', ['a', graph.node('Mul', ['b', 'a'])]));
    const reverse = editorOf((graph) => graph.node('Sub', [graph.node('Mul', ['b', 'a']), 'a']));
    assert.deepEqual(match(forward, 'negative', pattern), { x: 'a', k: 'b' });
    assert.equal(match(reverse, 'negative', pattern), undefined);
  });

  test('goes on to the next order where the first does not fit', () => {
    const editor = editorOf((graph) => graph.node('Mul', ['a', 'b']));
    const pattern = neg(as('product', op('Mul', any('x'), any('k'))));
    assert.equal(match(editor, 'negative', pattern, ({ x }) => x === 'b')?.k, 'a');
  });
});

test('a pass reports on how many nodes it fired, and why the others were left', () => {
  const pass: GraphPass = {
    ...{ name: 'halve', stage: 'whole', layout: 'any', operators: ['Mul', 'Add'] },
    rewrite(node, editor) {
      if (node.opType === 'Add') return 'a sum';
      const found = match(editor, node.outputs[0], op('Mul', any('x'), any('x')));
      return found === undefined
        ? 'factors differ'
        : replaced(node, (emit) => emit.op('Pow', [found.x, emit.scalar(2, 'float32')]));
    },
  };
  const model = modelOf((graph) => {
    const squares = inputs.map((name) => graph.node('Mul', [name, name]));
    const mixed = graph.node('Mul', ['a', 'b']);
    return [...squares, mixed].reduce((sum, term) => graph.node('Add', [sum, term]));
  });
  const { model: after, reports } = rewrite(model, [pass]);
  assert.deepEqual(reports, [
    {
      ...{ name: 'halve', seen: 7, fired: 3 },
      left: [
        { why: 'a sum', nodes: 3 },
        { why: 'factors differ', nodes: 1 },
      ],
    },
  ]);
  assert.equal(after.graph.nodes.filter(({ opType }) => opType === 'Pow').length, 3);
});
