/** Normalizations beside batch normalization, with what timm computes in the same module (`timm.layers` 1.0.22). */
import { float, float32Tensor } from '../onnx/builder';
import { reshape } from './channels-last';
import type { Feature, NetworkBuilder } from './layers';

const GROUPS = 32;
const epsilon = 1e-5;

/** nn.GroupNorm(32, channels). */
export function groupNorm(net: NetworkBuilder, x: Feature, path: string, as = path): Feature {
  const { channels, height, width } = x;
  const [one, zero] = [1, 0].map((value) =>
    net.graph.constant(`${as}/${value}`, () => float32Tensor([GROUPS], new Float32Array(GROUPS).fill(value))),
  ) as [string, string];
  const grouped = reshape(net, x.tensor, [1, GROUPS, (channels / GROUPS) * height * width], `${as}/groups`);
  const attributes = { epsilon: float(epsilon) };
  const normal = net.graph.node('InstanceNormalization', [grouped, one, zero], attributes, `${as}/normal`);
  return affine(
    net,
    { ...x, tensor: reshape(net, normal, [1, channels, height, width], `${as}/whole`) },
    path,
    as,
  );
}

/** y = weight x + bias, for each channel. */
function affine(net: NetworkBuilder, x: Feature, path: string, as = path): Feature {
  const scaled = net.graph.node('Mul', [x.tensor, perChannel(net, `${path}.weight`, x)], {}, `${as}/scaled`);
  return { ...x, tensor: net.graph.node('Add', [scaled, perChannel(net, `${path}.bias`, x)], {}, as) };
}

/** A vector of the file as (channels, 1, 1). */
const perChannel = (net: NetworkBuilder, name: string, { channels }: Feature): string =>
  net.parameter(name, [channels], { dims: [channels, 1, 1] });

/** EvoNorm-S0 (arXiv 2004.02967): weight x sigmoid(v x) / deviation + bias, the deviation over each of 32 groups of channels. */
export function evoNorm(net: NetworkBuilder, x: Feature, path: string): Feature {
  const { graph } = net;
  const { channels, height, width } = x;
  const each = channels / GROUPS;
  const gate = graph.node('Mul', [x.tensor, perChannel(net, `${path}.v`, x)], {}, `${path}/vx`);
  const swish = graph.node(
    'Mul',
    [x.tensor, graph.node('Sigmoid', [gate], {}, `${path}/gate`)],
    {},
    `${path}/swish`,
  );
  const grouped = reshape(net, x.tensor, [1, GROUPS, each * height * width], `${path}/groups`);
  const mean = (of: string, as: string): string =>
    graph.node('ReduceMean', [of], { axes: [2], keepdims: 1 }, as);
  const centered = graph.node('Sub', [grouped, mean(grouped, `${path}/mean`)], {}, `${path}/centered`);
  const variance = mean(graph.node('Mul', [centered, centered], {}, `${path}/squares`), `${path}/variance`);
  const deviation = rooted(net, variance, `${path}/deviation`);
  const parted = reshape(net, swish, [1, GROUPS, each * height * width], `${path}/parted`);
  const divided = graph.node('Div', [parted, deviation], {}, `${path}/divided`);
  return affine(
    net,
    { ...x, tensor: reshape(net, divided, [1, channels, height, width], `${path}/whole`) },
    path,
  );
}

/** Filter response normalization (arXiv 1911.09737): max(weight x / rms + bias, tau), the root mean square over each plane. */
export function filterResponseNorm(net: NetworkBuilder, x: Feature, path: string): Feature {
  const { graph } = net;
  const squares = graph.node('Mul', [x.tensor, x.tensor], {}, `${path}/squares`);
  const mean = graph.node('GlobalAveragePool', [squares], {}, `${path}/mean`);
  const divided = graph.node('Div', [x.tensor, rooted(net, mean, `${path}/rms`)], {}, `${path}/divided`);
  const y = affine(net, { ...x, tensor: divided }, path, `${path}/affine`);
  return { ...x, tensor: graph.node('Max', [y.tensor, perChannel(net, `${path}.tau`, x)], {}, path) };
}

/** sqrt(x + 1e-5) */
function rooted(net: NetworkBuilder, x: string, as: string): string {
  const tiny = net.graph.constant(`${as}/epsilon`, () => float32Tensor([], [epsilon]));
  return net.graph.node('Sqrt', [net.graph.node('Add', [x, tiny], {}, `${as}/sum`)], {}, as);
}
