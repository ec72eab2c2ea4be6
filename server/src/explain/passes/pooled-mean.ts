/** Pass: the mean gradient of what a MaxPool reads follows from that of its result. */
import { elementCount } from '../../onnx/model';
import type { GraphPass } from './pass';
import { replaced } from './pass';
import { any, match, op } from './pattern';

/** As the gradient rule of MaxPool writes it. */
const WINNER = op('Mod', op('Reshape', any('indices')), any('plane'));
const CHOSEN = op('Where', op('Equal', WINNER, any('candidates')), op('Reshape', any('dy')), any('none'));
const SPREAD = op('ConvTranspose', CHOSEN, any('kernel'));
const GRADIENTS = [op('Reshape', op('Pad', SPREAD)), op('Reshape', SPREAD)];

/**
 * Each element of dy is added at one position of its own plane, its winner, so that dx and dy have the same sum in each plane. Where nothing
 * else reads dx, as of a stem that is the first reported layer, nothing looks for winners or spreads dy any more.
 */
export const pooledMean: GraphPass = {
  name: 'pooled-mean',
  stage: 'whole',
  layout: 'any',
  operators: ['GlobalAveragePool'],
  rewrite(mean, editor) {
    const [dx = ''] = mean.inputs;
    const found = GRADIENTS.map((pattern) => match(editor, dx, pattern)).find((each) => each !== undefined);
    if (found === undefined) return 'is not the mean of the gradient of a MaxPool';
    const [from, to] = [editor.shape(found.dy), editor.shape(dx)].map((shape) => shape?.slice(2));
    if (from === undefined || to === undefined) return 'the shape is not known';
    return replaced(mean, (emit) =>
      emit.mul(
        emit.op('GlobalAveragePool', [found.dy]),
        emit.scalar(elementCount(from) / elementCount(to), 'float32'),
      ),
    );
  },
};
