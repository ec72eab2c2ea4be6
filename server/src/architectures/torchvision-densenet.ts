/** DenseNet-121, 161, 169 and 201 as `torchvision` and `timm` compute them. */
import type { Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { noPadding, symmetricPadding } from './padding';

const epsilon = 1e-5;

interface DenseNet {
  readonly growth: number;
  readonly blocks: readonly number[];
  /** Channels of the first convolution. */
  readonly start: number;
}

/** arXiv 1608.06993, table 1; 161 is the authors' own wider one. */
export const denseNets: Readonly<Record<string, DenseNet>> = {
  densenet121: { growth: 32, blocks: [6, 12, 24, 16], start: 64 },
  densenet161: { growth: 48, blocks: [6, 12, 36, 24], start: 96 },
  densenet169: { growth: 32, blocks: [6, 12, 32, 32], start: 64 },
  densenet201: { growth: 32, blocks: [6, 12, 48, 32], start: 64 },
};

/** A layer's 1x1 convolution outputs this many times the growth. */
const BOTTLENECK = 4;

function trunk(net: NetworkBuilder, image: Feature, { growth, blocks, start }: DenseNet): Vector {
  const stem = { channels: start, kernel: 7, stride: 2, padding: symmetricPadding(7) };
  let x = net.report('features.conv0', net.conv(image, 'features.conv0', stem));
  x = net.report('features.norm0', net.batchNorm(x, 'features.norm0', epsilon));
  x = net.maxPool(net.relu(x), 3, 2, 1, 'features.pool0');
  net.report('features.pool0', x);
  blocks.forEach((layers, index) => {
    const path = `features.denseblock${index + 1}`;
    for (let layer = 1; layer <= layers; layer++) {
      const own = `${path}.denselayer${layer}`;
      const added = net.report(own, denseLayer(net, x, own, growth));
      x = concatenated(net, x, added, layer === layers ? path : `${path}/${layer}`);
    }
    net.report(path, x);
    if (index < blocks.length - 1) {
      const between = `features.transition${index + 1}`;
      x = net.report(between, transition(net, x, between));
    }
  });
  x = net.report('features.norm5', net.batchNorm(x, 'features.norm5', epsilon));
  return net.flatten(net.globalAveragePool(net.relu(x), 'mean'), 'flatten');
}

/** The `growth` channels that one layer adds to all earlier ones. */
function denseLayer(net: NetworkBuilder, x: Feature, path: string, growth: number): Feature {
  const narrow = { channels: BOTTLENECK * growth, kernel: 1, padding: noPadding };
  let y = net.relu(net.batchNorm(x, `${path}.norm1`, epsilon));
  y = net.relu(net.batchNorm(net.conv(y, `${path}.conv1`, narrow), `${path}.norm2`, epsilon));
  const conv = { channels: growth, kernel: 3, padding: symmetricPadding(3), as: path };
  return net.conv(y, `${path}.conv2`, conv);
}

function transition(net: NetworkBuilder, x: Feature, path: string): Feature {
  const half = { channels: Math.floor(x.channels / 2), kernel: 1, padding: noPadding };
  const normed = net.relu(net.batchNorm(x, `${path}.norm`, epsilon));
  return net.averagePool(net.conv(normed, `${path}.conv`, half), 2, path);
}

function concatenated(net: NetworkBuilder, a: Feature, b: Feature, as: string): Feature {
  const tensor = net.graph.node('Concat', [a.tensor, b.tensor], { axis: 1 }, as);
  return { ...a, tensor, channels: a.channels + b.channels };
}

export const torchvisionDenseNet: readonly Architecture[] = Object.entries(denseNets).map(
  ([name, variant]) => ({
    id: `torchvision/${name}`,
    anchor: 'features.conv0.weight',
    inputSize: 224,
    head: { root: 'classifier', path: 'classifier', layer: 'classifier' },
    trunk: (net, image) => trunk(net, image, variant),
  }),
);
