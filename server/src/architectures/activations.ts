/** Activations beside ReLU and SiLU, as PyTorch defines them (torch.nn, 2.9). */
import { float32Tensor } from '../onnx/builder';
import type { Feature, NetworkBuilder } from './layers';

/** What stands behind a normalization. */
export type Activate = (net: NetworkBuilder, x: Feature, as?: string) => Feature;

/** min(max(x, 0), 6) */
export const relu6: Activate = (net, x, as = `${x.tensor}/relu6`) => {
  const [low, high] = [0, 6].map((bound) => net.graph.constant(`${as}/bound`, float32Tensor([], [bound])));
  return { ...x, tensor: net.graph.node('Clip', [x.tensor, low as string, high as string], {}, as) };
};
