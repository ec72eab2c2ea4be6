/** Pass: the gradient of y = x sigmoid(x), from x, and from y where that is not an image. */
import type { Emitter } from '../../autodiff/emitter';
import { float32Tensor } from '../../onnx/builder';
import { elementCount, type Node } from '../../onnx/model';
import type { GraphEditor } from './editor';
import type { GraphPass } from './pass';
import { replaced } from './pass';
import { any, as, match, op } from './pattern';

const x = any('x');
const dy = any('dy');
const s = as('s', op('Sigmoid', x));
/** 1 - s, as the sigmoid rule writes it. */
const complement = as('complement', op('HardSigmoid', s));
const GRADIENT = op('Add', op('Mul', dy, s), op('Mul', op('Mul', dy, x), op('Mul', s, complement)));

/**
 * With s = sigmoid(x) and y = x s the product and sigmoid rules give dx = dy s + (dy x) s (1 - s), six passes over memory. It is
 * dy s (1 + x - y). With s computed from x once more the runtime can fuse the forward pass into one pass, as it does without a
 * backward pass. For images so is y, as the product x s: s is in the cache then, which y no longer is, and one pass of products takes half
 * of what another Swish does.
 */
export const swishGradient: GraphPass = {
  name: 'swish-gradient',
  stage: 'whole',
  layout: 'any',
  operators: ['Add'],
  rewrite(add, editor) {
    const found = swishGradientOf(add, editor);
    if (found === undefined) return 'is not dy s + (dy x) (s (1 - s)) with s = Sigmoid(x) and x s';
    const [, channels, ...image] = editor.shape(found.x) ?? [];
    const isImage = channels !== undefined && image.length === 2;
    return replaced(add, (emit) =>
      emit.mul(found.dy, isImage ? slopeOfImage(emit, found.x, channels) : slopeOfParts(emit, found)),
    );
  },
};

/** The tensors of a Swish and of its gradient. */
export interface SwishParts {
  readonly x: string;
  /** sigmoid(x). */
  readonly s: string;
  /** 1 - s. */
  readonly complement: string;
  /** x s. */
  readonly y: string;
}

export interface SwishGradient extends SwishParts {
  /** The gradient of y. */
  readonly dy: string;
}

/** The gradient that the rules of Mul and Sigmoid write, where it ends in this Add; undefined where it is another sum. */
export function swishGradientOf(add: Node, editor: GraphEditor): SwishGradient | undefined {
  const found = match(editor, add.outputs[0], GRADIENT);
  if (found === undefined) return undefined;
  const products = editor.consumers(found.s).filter(({ opType }) => opType === 'Mul');
  const isForward = ({ inputs: [a, b] }: Node): boolean =>
    (a === found.x && b === found.s) || (a === found.s && b === found.x);
  const y = products.find(isForward)?.outputs[0];
  return y === undefined ? undefined : { ...found, y };
}

/** s + y (1 - s), from what the forward pass has computed. */
export const slopeOfParts = (emit: Emitter, { s, complement, y }: SwishParts): string =>
  emit.add(s, emit.mul(y, complement));

/**
 * s (1 + x - x s) for x of shape (N, C, H, W). Additions are written as depthwise 1x1 convolutions: onnxruntime computes Sigmoid
 * and Add in their epilogue, in its blocked layout and with its widest instructions, where the operators themselves are compiled
 * for the oldest CPUs. The first one also keeps this sigmoid apart from the forward pass's, which would otherwise be
 * shared, stored, and no longer fused there.
 */
function slopeOfImage(emit: Emitter, x: string, channels: number): string {
  const depthwise = { kernel_shape: [1, 1], group: channels };
  const weights = (value: number): string => filled(emit, [channels, 1, 1, 1], value);
  const s = emit.op('Sigmoid', [emit.op('Conv', [x, weights(1)], depthwise)]);
  const negative = emit.op('Conv', [emit.mul(x, s), weights(-1), filled(emit, [channels], 1)], depthwise);
  return emit.mul(s, emit.add(negative, x));
}

const filled = (emit: Emitter, dims: readonly number[], value: number): string =>
  emit.shared(`constant/filled/${dims.join('_')}/${value}`, () =>
    float32Tensor(dims, new Float32Array(elementCount(dims)).fill(value)),
  );
