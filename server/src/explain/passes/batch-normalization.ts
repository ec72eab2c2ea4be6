/** Pass: an inference BatchNormalization behind a convolution moves into its weights and bias. */
import type { Emitter } from '../../autodiff/emitter';
import { attribute } from '../../onnx/attributes';
import type { Node } from '../../onnx/model';
import type { GraphEditor } from './editor';
import type { GraphPass } from './pass';
import { replaced } from './pass';

/**
 * With r = scale / sqrt(var + eps): BN(W * x + b) = (r W) * x + r (b - mean) + bias. The runtime does this itself where the
 * weights are constants; done here, later passes can scale the weights further.
 */
export const batchNormalizationIntoConvolution: GraphPass = {
  name: 'batch-normalization',
  stage: 'whole',
  layout: 'any',
  operators: ['BatchNormalization'],
  rewrite(norm, editor) {
    const [x = ''] = norm.inputs;
    const conv = editor.producer(x, 'Conv');
    const [input = '', weights = '', own] = conv?.inputs ?? [];
    const shape = editor.shape(weights);
    if (conv === undefined) return 'no convolution comes before it';
    if (shape === undefined || ![weights, own ?? weights].every((name) => editor.isConstant(name)))
      return 'the weights of the convolution are computed in every run';
    if (editor.soleConsumer(x, 'BatchNormalization') === undefined)
      return 'others read the convolution as well';
    if (!isConstantNorm(editor, norm)) return 'it is computed from the image';
    return replaced(norm, (emit) => {
      const { ratio, shift } = affineOf(emit, norm, own);
      const perOutput = emit.reshape(ratio, [shape[0] ?? 1, ...shape.slice(1).map(() => 1)]);
      return emit.op(
        'Conv',
        [input, emit.mul(weights, perOutput), shift],
        Object.fromEntries(conv.attributes),
      );
    });
  },
};

/** BN(x + b) = r x + shift, per channel, as tensors of shape (C). */
export function affineOf(
  emit: Emitter,
  norm: Node,
  own?: string,
): { readonly ratio: string; readonly shift: string } {
  const [, scale = '', bias = '', mean = '', variance = ''] = norm.inputs;
  const epsilon = attribute(norm, 'epsilon', 'float') ?? 1e-5;
  const deviation = emit.op('Sqrt', [emit.add(variance, emit.scalar(epsilon, 'float32'))]);
  const ratio = emit.div(scale, deviation);
  const centered = own === undefined ? emit.neg(mean) : emit.sub(own, mean);
  return { ratio, shift: emit.add(emit.mul(centered, ratio), bias) };
}

/** Whether a BatchNormalization is the same affine map in every run. */
export const isConstantNorm = (editor: GraphEditor, norm: Node): boolean =>
  isInference(norm) && norm.inputs.slice(1).every((tensor) => editor.isConstant(tensor));

function isInference(norm: Node): boolean {
  return (
    attribute(norm, 'training_mode', 'int') !== 1 && norm.outputs.filter((name) => name !== '').length === 1
  );
}
