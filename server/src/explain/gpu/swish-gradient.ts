/** Pass: the gradients of Swish, y = x sigmoid(x), together for activations of one shape. */
import { elementCount, type Node } from '../../onnx/model';
import type { GraphPass } from '../passes';
import type { GraphEditor } from '../passes/editor';
import type { Replacement } from '../passes/pass';
import { slopeOfParts, swishGradientOf, type SwishGradient } from '../passes/swish-gradient';
import { groupsOf } from './groups';
import { planned, planOf, type Plan } from './planned';
import { joinedAs, sideBySide } from './side-by-side';

/** Bytes of the largest activation that is copied beside others: the copy there and back has to cost less than four launches. */
const LARGEST = 4 << 20;

/**
 * The slope, s + y (1 - s), depends on the forward pass alone, so that it is there for all activations before the first gradient is. Side by side it takes
 * them five operators instead of three for each, and the forward pass, whose sigmoids nothing else reads then, is one operator instead of
 * two: the runtime makes QuickGelu of it.
 * @param most tensors that may be split at once
 */
export const groupedSwishGradient = (most: number): GraphPass => ({
  name: 'grouped-swish-gradient',
  stage: 'whole',
  layout: 'any',
  operators: ['Add'],
  rewrite: planned(
    (editor) => plan(editor, most),
    'is not dy s + (dy x) (s (1 - s)) with s = Sigmoid(x) and x s',
  ),
});

interface Gradient extends SwishGradient {
  readonly node: Node;
  /** Of x. */
  readonly shape: readonly number[];
}

function plan(editor: GraphEditor, most: number): Plan {
  const gradients = editor.nodes('Add').flatMap((node): readonly Gradient[] => {
    const found = swishGradientOf(node, editor);
    const shape = editor.shape(found?.x);
    return found === undefined || shape === undefined ? [] : [{ ...found, node, shape }];
  });
  const groups = groupsOf(
    gradients,
    ({ shape }) => joinedAs(shape),
    ({ shape }) => 4 * elementCount(shape),
    { largest: LARGEST, most },
  );
  return planOf(groups, (group) => (group.length === 1 ? group.map(alone) : together(group)));
}

const alone = ({ node, dy, ...parts }: Gradient): Replacement => ({
  node,
  build: (emit) => emit.mul(dy, slopeOfParts(emit, parts)),
});

function together(group: readonly Gradient[]): readonly Replacement[] {
  let slopes: readonly string[] = [];
  const activations = group.map(({ x, shape }) => ({ tensor: x, shape }));
  return group.map(({ node, dy }, i) => ({
    node,
    build(emit) {
      if (i === 0)
        slopes = sideBySide(emit, activations, (x) => {
          const s = emit.op('Sigmoid', [x]);
          const complement = emit.oneMinusProbability(s, 'float32');
          return slopeOfParts(emit, { x, s, complement, y: emit.mul(x, s) });
        });
      return emit.mul(dy, slopes[i] ?? '');
    },
  }));
}
