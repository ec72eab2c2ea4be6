/** Pass: a value per channel that is broadcast over a convolution's output and added becomes the convolution's bias. */
import type { GraphPass } from './pass';
import { replaced } from './pass';
import { any, as, match, op } from './pattern';
import { sameDims } from '../../onnx/dims';

const SUM = op('Add', as('y', op('Conv')), as('spread', op('Expand', any('value'))));

/** Add(Conv(x, W), Expand(v)) = Conv(x, W, v) for v of shape (1, C, 1, 1). */
export const biasIntoConvolution: GraphPass = {
  name: 'bias-into-convolution',
  stage: 'whole',
  layout: 'plain',
  operators: ['Add'],
  rewrite(add, editor) {
    const found = match(editor, add.outputs[0], SUM);
    const conv = editor.producer(found?.y, 'Conv');
    if (found === undefined || conv === undefined) return 'adds no spread value to a convolution';
    const shape = editor.shape(found.y);
    const channels = shape?.[1];
    if (shape === undefined || channels === undefined) return 'the shape of the convolution is not known';
    const perChannel = [1, channels, ...shape.slice(2).map(() => 1)];
    if (!sameDims(editor.shape(found.spread), shape)) return 'the sum is larger than the convolution';
    if (!sameDims(editor.shape(found.value), perChannel)) return 'the value is not one per channel';
    if (editor.soleConsumer(found.y, 'Add') !== add) return 'others read the convolution as well';
    if (conv.inputs.length !== 2) return 'the convolution has a bias';
    return replaced(add, (emit) =>
      emit.op(
        'Conv',
        [...conv.inputs, emit.reshape(found.value, [channels])],
        Object.fromEntries(conv.attributes),
      ),
    );
  },
};
