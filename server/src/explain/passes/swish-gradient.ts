/** Pass: the gradient of y = x sigmoid(x), from x and y. */
import type { Emitter } from '../../autodiff/emitter';
import { float32Tensor } from '../../onnx/builder';
import { elementCount, type Node } from '../../onnx/model';
import type { GraphEditor } from './editor';

/**
 * With s = sigmoid(x) and y = x s the product and sigmoid rules give dx = dy s + (dy x) s (1 - s), six passes over memory. It is
 * dy s (1 + x - y). With s computed from x once more the runtime can fuse the forward pass into one pass, as it does without a
 * backward pass; y is what that gives.
 */
export function swishGradient(editor: GraphEditor): void {
  for (const add of editor.nodes('Add')) {
    const match = matchSwish(editor, add);
    if (match === undefined) continue;
    const { dy, x, s, y, complement } = match;
    const [, channels, ...image] = editor.shape(x) ?? [];
    editor.replace(add, (emit) =>
      emit.mul(
        dy,
        channels !== undefined && image.length === 2
          ? slopeOfImage(emit, x, y, channels)
          : emit.add(s, emit.mul(y, complement)),
      ),
    );
  }
}

/**
 * s (1 + x - y) for x of shape (N, C, H, W). What adds is written as depthwise 1x1 convolutions: onnxruntime computes Sigmoid
 * and Add in their epilogue, in its blocked layout and with its widest instructions, where the operators themselves are compiled
 * for the oldest CPUs. The first one also keeps this sigmoid apart from the forward pass's, which would otherwise be
 * shared, stored, and no longer fused there.
 */
function slopeOfImage(emit: Emitter, x: string, y: string, channels: number): string {
  const depthwise = { kernel_shape: [1, 1], group: channels };
  const weights = (value: number): string => filled(emit, [channels, 1, 1, 1], value);
  const s = emit.op('Sigmoid', [emit.op('Conv', [x, weights(1)], depthwise)]);
  const negative = emit.op('Conv', [y, weights(-1), filled(emit, [channels], 1)], depthwise);
  return emit.mul(s, emit.add(negative, x));
}

const filled = (emit: Emitter, dims: readonly number[], value: number): string =>
  emit.shared(`constant/filled/${dims.join('_')}/${value}`, () =>
    float32Tensor(dims, new Float32Array(elementCount(dims)).fill(value)),
  );

interface Swish {
  readonly dy: string;
  readonly x: string;
  readonly s: string;
  readonly y: string;
  /** 1 - s, as the sigmoid rule wrote it. */
  readonly complement: string;
}

/** Add(Mul(dy, s), Mul(Mul(dy, x), Mul(s, 1 - s))) with s = Sigmoid(x) and y = Mul(x, s), operands in any order. */
function matchSwish(editor: GraphEditor, add: Node): Swish | undefined {
  for (const [direct, viaGate] of orders(add.inputs)) {
    const first = editor.producer(direct, 'Mul');
    const second = editor.producer(viaGate, 'Mul');
    if (first === undefined || second === undefined) continue;
    for (const [dy, s] of orders(first.inputs)) {
      const sigmoid = editor.producer(s, 'Sigmoid');
      const x = sigmoid?.inputs[0];
      if (x === undefined) continue;
      const y = editor.consumers(s).find((node) => node.opType === 'Mul' && sameSet(node.inputs, [x, s]))
        ?.outputs[0];
      const complement = y === undefined ? undefined : gateTerm(editor, second, dy, x, s);
      if (y !== undefined && complement !== undefined) return { dy, x, s, y, complement };
    }
  }
  return undefined;
}

/** Matches Mul(Mul(dy, x), Mul(s, c)) and returns c. */
function gateTerm(editor: GraphEditor, mul: Node, dy: string, x: string, s: string): string | undefined {
  for (const [left, right] of orders(mul.inputs)) {
    const outer = editor.producer(left, 'Mul');
    const slope = editor.producer(right, 'Mul');
    if (outer === undefined || slope === undefined || !sameSet(outer.inputs, [dy, x])) continue;
    for (const [first, complement] of orders(slope.inputs)) {
      const inverse = editor.producer(complement, 'HardSigmoid');
      if (first === s && inverse?.inputs[0] === s) return complement;
    }
  }
  return undefined;
}

const orders = ([a = '', b = '']: readonly string[]): readonly (readonly [string, string])[] => [
  [a, b],
  [b, a],
];

const sameSet = ([a, b]: readonly string[], [c, d]: readonly string[]): boolean =>
  (a === c && b === d) || (a === d && b === c);
