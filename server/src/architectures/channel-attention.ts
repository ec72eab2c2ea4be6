/** Gates for each channel behind a block's residual, as timm's `attn_layer` has them. */
import { divisible } from './divisible';
import type { Feature, NetworkBuilder } from './layers';
import { reshape } from './channels-last';

/** Squeeze and excitation (arXiv 1709.01507) with this share of the channels in between, or ECA (arXiv 1910.03151). */
export type ChannelAttention = { readonly squeeze: number } | 'eca';

export function attended(net: NetworkBuilder, x: Feature, path: string, kind: ChannelAttention): Feature {
  if (kind === 'eca') return neighborsAttended(net, x, path);
  const paths = { reduce: `${path}.fc1`, expand: `${path}.fc2` };
  const activate = (y: Feature): Feature => net.relu(y);
  return net.squeezeExcite(x, paths, divisible(x.channels * kind.squeeze), { activate });
}

/** x sigmoid(a convolution of the channels' means along the channels). */
function neighborsAttended(net: NetworkBuilder, x: Feature, path: string): Feature {
  const { channels } = x;
  const kernel = neighbors(channels);
  const mean = net.globalAveragePool(x, `${path}/mean`);
  const line = reshape(net, mean.tensor, [1, 1, channels], `${path}/line`);
  const weight = net.parameter(`${path}.conv.weight`, [1, 1, kernel]);
  const side = (kernel - 1) / 2;
  const attributes = { kernel_shape: [kernel], pads: [side, side] };
  const convolved = net.graph.node('Conv', [line, weight], attributes, `${path}.conv`);
  const gate = net.graph.node('Sigmoid', [convolved], {}, `${path}/sigmoid`);
  const wide = reshape(net, gate, [1, channels, 1, 1], `${path}/gate`);
  return { ...x, tensor: net.graph.node('Mul', [x.tensor, wide], {}, path) };
}

/** timm's EcaModule: |log2(channels) + 1| / 2, cut to an integer and made odd, at least 3. */
function neighbors(channels: number): number {
  const cut = Math.trunc((Math.log2(channels) + 1) / 2);
  return Math.max(cut % 2 === 1 ? cut : cut + 1, 3);
}
