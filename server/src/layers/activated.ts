/** Follows a tensor to the output of its activation, where nothing else reads the tensor. */
import type { GraphIndex } from '../onnx/graph-index';
import type { Node } from '../onnx/model';

export const ACTIVATIONS: ReadonlySet<string> = new Set([
  ...[
    'Relu',
    'Clip',
    'LeakyRelu',
    'PRelu',
    'Elu',
    'Selu',
    'Celu',
    'HardSwish',
    'Gelu',
    'Tanh',
    'Mish',
    'ThresholdedRelu',
  ],
  ...['BatchNormalization', 'QuickGelu', 'Softplus', 'Sigmoid', 'HardSigmoid'],
]);

/** The node that activates a tensor; undefined where none does, or something else reads it too. */
export function activationOf(tensor: string, index: GraphIndex): Node | undefined {
  const readers = index.consumersOf(tensor);
  const [only, second, ...more] = readers;
  if (only !== undefined && second === undefined) return ACTIVATIONS.has(only.opType) ? only : undefined;
  if (second === undefined || more.length > 0) return undefined;
  // Swish: x sigmoid(x).
  const gate = readers.find(({ opType }) => opType === 'Sigmoid' || opType === 'HardSigmoid');
  const product = readers.find(({ opType }) => opType === 'Mul');
  const gated = gate !== undefined && product?.inputs.includes(gate.outputs[0] ?? '') === true;
  return gated ? product : undefined;
}

/** Follows activation after activation: normalization, then ReLU. */
export function activated(tensor: string, index: GraphIndex): string {
  let last = tensor;
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = activationOf(last, index)?.outputs[0];
    if (next === undefined) return last;
    last = next;
  }
  return last;
}

const MOST_STEPS = 4;
