/** Pass: an inference BatchNormalization behind a convolution moves into its weights and bias. */
import { attribute } from '../../onnx/attributes';
import type { Node } from '../../onnx/model';
import type { GraphEditor } from './editor';

/**
 * With r = scale / sqrt(var + eps): BN(W * x + b) = (r W) * x + r (b - mean) + bias. The runtime folds this itself where the
 * weights are its own constants; written out, later passes can scale the weights further.
 */
export function batchNormalizationIntoConvolution(editor: GraphEditor): void {
  for (const norm of editor.nodes('BatchNormalization')) {
    const [x = '', scale = '', bias = '', mean = '', variance = ''] = norm.inputs;
    const conv = editor.producer(x, 'Conv');
    const [input = '', weights = '', own] = conv?.inputs ?? [];
    const shape = editor.shape(weights);
    const fixed = [weights, scale, bias, mean, variance].every((tensor) => editor.isConstant(tensor));
    if (conv === undefined || shape === undefined || !fixed) continue;
    if (own !== undefined && !editor.isConstant(own)) continue;
    if (editor.soleConsumer(x, 'BatchNormalization') === undefined || !isInference(norm)) continue;
    const epsilon = attribute(norm, 'epsilon', 'float') ?? 1e-5;
    editor.replace(norm, (emit) => {
      const deviation = emit.op('Sqrt', [emit.add(variance, emit.scalar(epsilon, 'float32'))]);
      const ratio = emit.div(scale, deviation);
      const perOutput = emit.reshape(ratio, [shape[0] ?? 1, ...shape.slice(1).map(() => 1)]);
      const centred = own === undefined ? emit.neg(mean) : emit.sub(own, mean);
      const shift = emit.add(emit.mul(centred, ratio), bias);
      return emit.op(
        'Conv',
        [input, emit.mul(weights, perOutput), shift],
        Object.fromEntries(conv.attributes),
      );
    });
  }
}

function isInference(norm: Node): boolean {
  return (
    attribute(norm, 'training_mode', 'int') !== 1 && norm.outputs.filter((name) => name !== '').length === 1
  );
}
