/** Pass: the gradient of a Clip, from its input and its output. */
import type { Node } from '../../onnx/model';
import type { GraphEditor } from './editor';
import type { GraphPass, Verdict } from './pass';
import { replaced } from './pass';
import { any, match, op } from './pattern';

const x = any('x');
const outside = op('Or', op('Less', x, any('low')), op('Greater', x, any('high')));
const GRADIENT = op('Where', outside, any('nothing'), any('dy'));

/** The first opset whose Equal takes float32. */
const EQUAL_SINCE = 11;

/**
 * The gradient passes where x is between the bounds, these included, and there y = x: one comparison in place of three passes over
 * memory. Bounds that cross give y = high everywhere, and no gradient; such a Clip is left unchanged.
 */
export const clipGradient: GraphPass = {
  name: 'clip-gradient',
  stage: 'whole',
  layout: 'any',
  operators: ['Where'],
  rewrite(where: Node, editor: GraphEditor): Verdict {
    const found = match(editor, where.outputs[0], GRADIENT);
    if (found === undefined || editor.number(found.nothing) !== 0) return 'is not the gradient of a Clip';
    const [low, high] = [editor.number(found.low), editor.number(found.high)];
    if (low === undefined || high === undefined) return 'the bounds are computed in every run';
    if (!(low <= high)) return 'the bounds cross';
    const isForward = ({ inputs }: Node): boolean =>
      inputs[0] === found.x && editor.number(inputs[1]) === low && editor.number(inputs[2]) === high;
    const clips = editor
      .consumers(found.x)
      .filter(({ opType, domain }) => opType === 'Clip' && domain === '');
    const y = clips.find(isForward)?.outputs[0];
    if (y === undefined) return 'nothing clips x';
    if (editor.opset < EQUAL_SINCE) return 'the opset compares no floats for equality';
    return replaced(where, (emit) =>
      emit.op('Where', [emit.op('Equal', [found.x, y]), found.dy, found.nothing]),
    );
  },
};
