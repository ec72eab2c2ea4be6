/** PyTorch's layers over the last axis, as ONNX nodes on tensors (..., channels): token sequences and channels-last pictures. */
import { float, float32Tensor, int64Tensor } from '../onnx/builder';
import type { NetworkBuilder } from './layers';

/** nn.LayerNorm over the last axis. */
export function layerNorm(
  net: NetworkBuilder,
  x: string,
  path: string,
  channels: number,
  epsilon: number,
  as = path,
): string {
  const inputs = [x, net.parameter(`${path}.weight`, [channels]), net.parameter(`${path}.bias`, [channels])];
  return net.graph.node('LayerNormalization', inputs, { axis: -1, epsilon: float(epsilon) }, as);
}

export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  /** The weight is that of a 1x1 convolution: (outputs, inputs, 1, 1). */
  readonly isConvolution?: boolean;
  /** Name of the output tensor; the module path by default. */
  readonly as?: string;
  /** Names of the parameters, if not `weight` and `bias` of the module. */
  readonly names?: { readonly weight: string; readonly bias: string };
}

/** nn.Linear over the last axis; the weight is (outputs, inputs). */
export function linear(net: NetworkBuilder, x: string, path: string, options: LinearOptions): string {
  const { inputs, outputs, bias = true, isConvolution = false, as = path } = options;
  const { names = { weight: `${path}.weight`, bias: `${path}.bias` } } = options;
  const shape = [outputs, inputs];
  const weight = isConvolution
    ? reshape(net, net.parameter(names.weight, [...shape, 1, 1]), shape, `${as}/matrix`)
    : net.parameter(names.weight, shape);
  const turned = net.graph.node('Transpose', [weight], { perm: [1, 0] }, `${as}/weight`);
  const product = net.graph.node('MatMul', [x, turned], {}, bias ? `${as}/product` : as);
  return bias ? net.graph.node('Add', [product, net.parameter(names.bias, [outputs])], {}, as) : product;
}

const scalar = (net: NetworkBuilder, hint: string, value: number): string =>
  net.graph.constant(hint, () => float32Tensor([], [value]));

/** nn.GELU: x (1 + erf(x / sqrt 2)) / 2 */
export function gelu(net: NetworkBuilder, x: string): string {
  const scaled = net.graph.node('Mul', [x, scalar(net, `${x}/rsqrt2`, Math.SQRT1_2)], {}, `${x}/scaled`);
  const erf = net.graph.node('Erf', [scaled], {}, `${x}/erf`);
  const sum = net.graph.node('Add', [erf, scalar(net, `${x}/one`, 1)], {}, `${x}/cdf2`);
  const product = net.graph.node('Mul', [x, sum], {}, `${x}/product2`);
  return net.graph.node('Mul', [product, scalar(net, `${x}/half`, 0.5)], {}, `${x}/gelu`);
}

/** fc2(gelu(fc1(x))), with the module paths of both. */
export function mlp(
  net: NetworkBuilder,
  x: string,
  [first, second]: readonly [string, string],
  channels: number,
  hidden: number,
): string {
  const wide = linear(net, x, first, { inputs: channels, outputs: hidden });
  return linear(net, gelu(net, wide), second, { inputs: hidden, outputs: channels });
}

export function reshape(net: NetworkBuilder, x: string, shape: readonly number[], as: string): string {
  return net.graph.node('Reshape', [x, net.graph.constant(`${as}/shape`, () => int64Tensor(shape))], {}, as);
}

export function transpose(net: NetworkBuilder, x: string, perm: readonly number[], as: string): string {
  return net.graph.node('Transpose', [x], { perm }, as);
}

/** Rows start to end - 1 of an axis. */
export function slice(
  net: NetworkBuilder,
  x: string,
  [axis, start, end]: readonly [number, number, number],
  as: string,
): string {
  const ints = [start, end, axis].map((value) => net.graph.constant(`${as}/at`, () => int64Tensor([value])));
  return net.graph.node('Slice', [x, ...ints], {}, as);
}
