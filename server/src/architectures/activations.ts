/** Activations beside ReLU and SiLU, as PyTorch defines them (torch.nn, 2.9). */
import { float, float32Tensor } from '../onnx/builder';
import type { Feature, NetworkBuilder, Vector } from './layers';

/** What follows a normalization. */
export type Activate = (net: NetworkBuilder, x: Feature) => Feature;

/** min(max(x, 0), 6) */
export function relu6(net: NetworkBuilder, x: Feature, as = `${x.tensor}/relu6`): Feature {
  const [low, high] = [0, 6].map((bound) =>
    net.graph.constant(`${as}/bound`, () => float32Tensor([], [bound])),
  );
  return { ...x, tensor: net.graph.node('Clip', [x.tensor, low as string, high as string], {}, as) };
}

/** min(max(x / 6 + 1/2, 0), 1) */
export function hardSigmoid<T extends Feature | Vector>(
  net: NetworkBuilder,
  x: T,
  as = `${x.tensor}/hardsigmoid`,
): T {
  const attributes = { alpha: float(1 / 6), beta: float(0.5) };
  return { ...x, tensor: net.graph.node('HardSigmoid', [x.tensor], attributes, as) };
}

/** x hardsigmoid(x) */
export function hardSwish<T extends Feature | Vector>(
  net: NetworkBuilder,
  x: T,
  as = `${x.tensor}/hardswish`,
): T {
  return { ...x, tensor: net.graph.node('HardSwish', [x.tensor], {}, as) };
}
