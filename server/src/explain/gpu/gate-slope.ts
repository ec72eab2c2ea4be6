/** Pass: the gradient before the sigmoid of a squeeze-and-excitation gate, in one product less, and 1 - s of many gates at once. */
import { sameDims } from '../../onnx/dims';
import { elementCount, type Node } from '../../onnx/model';
import type { GraphPass } from '../passes';
import type { GraphEditor } from '../passes/editor';
import type { Replacement } from '../passes/pass';
import { any, as, match, op } from '../passes/pattern';
import { groupsOf } from './groups';
import { planned, planOf, type Plan } from './planned';
import { joinedAs, sideBySide } from './side-by-side';

const s = as('s', op('Sigmoid', any('z')));
const SUM = as('sum', op('ReduceSum', as('product', op('Mul', any('d'), any('a')))));
const GRADIENT = op('Mul', SUM, op('Mul', s, op('HardSigmoid', s)));

/** Bytes of the largest gate that is copied beside others: a gate has a number for each channel. */
const LARGEST = 1 << 20;

/**
 * With y = a s, s = sigmoid(z) the same for all positions of a channel, dz = sum(d a) s (1 - s). As s is the same in all terms, this is
 * sum(d s a) (1 - s), and d s is there: it is the gradient of a.
 * @param most tensors that may be split at once
 */
export const gateSlope = (most: number): GraphPass => ({
  name: 'gate-slope',
  stage: 'whole',
  layout: 'any',
  operators: ['Mul'],
  rewrite: planned(
    (editor) => plan(editor, most),
    'is not sum(d a) (s (1 - s)) with s = Sigmoid(z), where d s is computed',
  ),
});

interface Gate {
  readonly node: Node;
  readonly s: string;
  /** Of s. */
  readonly shape: readonly number[];
  /** d s. */
  readonly gated: string;
  readonly a: string;
  readonly sum: Node;
}

function plan(editor: GraphEditor, most: number): Plan {
  const gates = editor.nodes('Mul').flatMap((node) => gateOf(node, editor) ?? []);
  const groups = groupsOf(
    gates,
    ({ shape }) => joinedAs(shape),
    ({ shape }) => 4 * elementCount(shape),
    { largest: LARGEST, most },
  );
  return planOf(groups, together);
}

function gateOf(node: Node, editor: GraphEditor): Gate | undefined {
  const found = match(editor, node.outputs[0], GRADIENT);
  const sum = editor.producer(found?.sum, 'ReduceSum');
  const shape = editor.shape(found?.s);
  if (found === undefined || sum === undefined || shape === undefined) return undefined;
  if (!sameDims(editor.shape(found.sum), shape)) return undefined;
  const pairs = [
    [found.d, found.a],
    [found.a, found.d],
  ] as const;
  for (const [d, a] of pairs) {
    const product = editor
      .consumers(d)
      .find(({ opType, inputs }) => opType === 'Mul' && inputs.includes(d) && inputs.includes(found.s));
    const [gated] = product?.outputs ?? [];
    if (gated !== undefined && sameDims(editor.shape(gated), editor.shape(a) ?? []))
      return { node, s: found.s, shape, gated, a, sum };
  }
  return undefined;
}

function together(group: readonly Gate[]): readonly Replacement[] {
  let complements: readonly string[] = [];
  const gates = group.map(({ s: tensor, shape }) => ({ tensor, shape }));
  return group.map(({ node, gated, a, sum }, i) => ({
    node,
    build(emit) {
      if (i === 0)
        complements = sideBySide(emit, gates, (joined) => emit.oneMinusProbability(joined, 'float32'));
      const terms = [emit.mul(gated, a), ...sum.inputs.slice(1)];
      const total = emit.op('ReduceSum', terms, Object.fromEntries(sum.attributes));
      return emit.mul(total, complements[i] ?? '');
    },
  }));
}
