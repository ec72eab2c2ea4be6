/** MobileNet V2 as `torchvision` computes it. */
import { relu6 } from './activations';
import type { ConvOptions, Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { noPadding, symmetricPadding } from './padding';

const epsilon = 1e-5;

/** arXiv 1801.04381, table 2: expansion, output channels, blocks, stride of the first. */
const stages: readonly (readonly [t: number, c: number, n: number, s: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

function trunk(net: NetworkBuilder, image: Feature): Vector {
  let index = 0;
  let x = net.report('features.0', convNormRelu6(net, image, 'features.0', { channels: 32, stride: 2 }));
  for (const [expansion, channels, blocks, first] of stages)
    for (let block = 0; block < blocks; block++) {
      const path = `features.${++index}`;
      const stride = block === 0 ? first : 1;
      x = net.report(path, invertedResidual(net, x, path, { expansion, channels, stride }));
    }
  const last = `features.${++index}`;
  x = net.report(last, convNormRelu6(net, x, last, { channels: 1280, kernel: 1 }));
  // The mean is a function in torchvision's network, not a module, so it is not a layer.
  return net.flatten(net.globalAveragePool(x, 'mean'), 'flatten');
}

interface BlockOptions {
  readonly expansion: number;
  readonly channels: number;
  readonly stride: number;
}

/** expand 1x1 -> depthwise 3x3 -> project 1x1 without activation, plus the input where shape allows. */
function invertedResidual(
  net: NetworkBuilder,
  input: Feature,
  path: string,
  { expansion, channels, stride }: BlockOptions,
): Feature {
  const wide = input.channels * expansion;
  const residual = stride === 1 && input.channels === channels;
  let part = 0;
  const next = (): string => `${path}.conv.${part++}`;
  let x = input;
  if (expansion !== 1) x = convNormRelu6(net, x, next(), { channels: wide, kernel: 1 });
  x = convNormRelu6(net, x, next(), { channels: wide, groups: wide, stride });
  x = net.conv(x, next(), { channels, kernel: 1, padding: noPadding });
  const norm = next();
  x = net.batchNorm(x, norm, epsilon, residual ? norm : path);
  return residual ? net.add(x, input, path) : x;
}

/** torchvision's Conv2dNormActivation, 3x3 by default: `path.0` convolves, `path.1` normalizes. */
function convNormRelu6(
  net: NetworkBuilder,
  x: Feature,
  path: string,
  { kernel = 3, ...options }: Partial<ConvOptions> & { readonly channels: number },
): Feature {
  const convolved = net.conv(x, `${path}.0`, { ...options, kernel, padding: symmetricPadding(kernel) });
  return relu6(net, net.batchNorm(convolved, `${path}.1`, epsilon), path);
}

export const torchvisionMobileNetV2: readonly Architecture[] = [
  {
    id: 'torchvision/mobilenet_v2',
    anchor: 'features.0.0.weight',
    inputSize: 224,
    head: { root: 'classifier', path: 'classifier.1', layer: 'classifier' },
    trunk,
  },
];
