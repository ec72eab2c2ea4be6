/** Pass: the gradient of max pooling is added up at the winners, one by one. */
import type { Node } from '../../onnx/model';
import { elementCount } from '../../onnx/model';
import { sameDims } from '../../onnx/dims';
import type { GraphEditor } from '../passes/editor';
import type { GraphPass, Verdict } from '../passes/pass';
import { replaced } from '../passes/pass';
import { any, as, match, op } from '../passes/pattern';

const WINNERS = op('Mod', op('Reshape', any('indices')), any('plane'));
const CHOSEN = op('Where', op('Equal', WINNERS, any('candidates')), any('dy'), any('nothing'));
const SPREAD = op('ConvTranspose', as('columns', CHOSEN), any('kernel'));
const GRADIENTS = [op('Pad', SPREAD), SPREAD];

/** The first opset whose ScatterElements adds. */
const ADDS_SINCE = 16;

/**
 * The rule spreads dy over each position of a window, zero except at the winner, and adds the windows: nine times the elements of dy for 3x3. The
 * winners' indices in the whole tensor are known, so dy is added there. That is sequential, but on the CPU it takes a quarter of the
 * time; other devices add in no defined order.
 */
export const maxPoolGradient: GraphPass = {
  name: 'max-pool-gradient',
  stage: 'whole',
  layout: 'blocked',
  operators: ['Pad', 'ConvTranspose'],
  rewrite(node: Node, editor: GraphEditor): Verdict {
    const [dx = ''] = node.outputs;
    const found = GRADIENTS.map((pattern) => match(editor, dx, pattern)).find((each) => each !== undefined);
    if (found === undefined) return 'is not the gradient of a MaxPool';
    if (editor.consumers(dx).some(({ opType }) => opType === 'Pad'))
      return 'what is cut from it is looked at';
    if (editor.opset < ADDS_SINCE) return 'the opset adds nothing up by place';
    const pool = poolOf(found.indices, editor);
    const image = editor.shape(pool?.inputs[0]);
    const shape = editor.shape(dx);
    if (image === undefined || shape === undefined) return 'the shape is not known';
    if (!sameDims(image.slice(2), shape.slice(2))) return 'the image was cut before';
    const type = editor.type(dx);
    if (type !== 'float32') return 'not float32';
    return replaced(node, (emit) => {
      const nothing = emit.expand(emit.scalar(0, type), [elementCount(shape)]);
      const [places, dy] = [emit.reshape(found.indices, [-1]), emit.reshape(found.dy, [-1])];
      const attributes = { axis: 0, reduction: 'add' };
      return emit.reshape(emit.op('ScatterElements', [nothing, places, dy], attributes), shape);
    });
  },
};

/** Its second output holds the indices of the winners. */
const poolOf = (indices: string, editor: GraphEditor): Node | undefined =>
  editor.nodes('MaxPool').find(({ outputs }) => outputs[1] === indices);
