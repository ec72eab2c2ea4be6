/** ResNet-18, 34, 50, 101 and 152 as `torchvision` computes them (the stride is on the 3x3 convolution: "V1.5"). */
import type { Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { noPadding, symmetricPadding } from './padding';

const epsilon = 1e-5;

interface Depth {
  readonly layers: readonly number[];
  readonly bottleneck: boolean;
}

/** arXiv 1512.03385, table 1. */
const depths: Readonly<Record<string, Depth>> = {
  resnet18: { layers: [2, 2, 2, 2], bottleneck: false },
  resnet34: { layers: [3, 4, 6, 3], bottleneck: false },
  resnet50: { layers: [3, 4, 6, 3], bottleneck: true },
  resnet101: { layers: [3, 4, 23, 3], bottleneck: true },
  resnet152: { layers: [3, 8, 36, 3], bottleneck: true },
};

function trunk(net: NetworkBuilder, image: Feature, { layers, bottleneck }: Depth): Vector {
  const stem = { channels: 64, kernel: 7, stride: 2, padding: symmetricPadding(7) };
  let x = net.report('conv1', net.conv(image, 'conv1', stem));
  x = net.report('bn1', net.batchNorm(x, 'bn1', epsilon));
  x = net.maxPool(net.relu(x), 3, 2, 1, 'maxpool');
  layers.forEach((blocks, layer) => {
    for (let index = 0; index < blocks; index++) {
      const path = `layer${layer + 1}.${index}`;
      const stride = layer > 0 && index === 0 ? 2 : 1;
      x = net.report(path, block(net, x, path, { width: 64 << layer, stride, bottleneck }));
    }
  });
  x = net.report('avgpool', net.globalAveragePool(x, 'avgpool'));
  return net.flatten(x, 'flatten');
}

interface BlockOptions {
  /** Channels inside the block; a bottleneck puts out four times as many. */
  readonly width: number;
  readonly stride: number;
  readonly bottleneck: boolean;
}

/** relu(residual(x) + shortcut(x)); the shortcut is a 1x1 convolution wherever the shapes differ. */
export function block(net: NetworkBuilder, x: Feature, path: string, options: BlockOptions): Feature {
  const { width, stride, bottleneck } = options;
  const channels = bottleneck ? 4 * width : width;
  const convNorm = (input: Feature, name: number, out: number, kernel: number, step: number): Feature => {
    const convolved = net.conv(input, `${path}.conv${name}`, {
      channels: out,
      kernel,
      stride: step,
      padding: symmetricPadding(kernel),
    });
    return net.batchNorm(convolved, `${path}.bn${name}`, epsilon);
  };

  let y: Feature;
  if (bottleneck) {
    y = net.relu(convNorm(x, 1, width, 1, 1));
    y = net.relu(convNorm(y, 2, width, 3, stride));
    y = convNorm(y, 3, channels, 1, 1);
  } else {
    y = net.relu(convNorm(x, 1, width, 3, stride));
    y = convNorm(y, 2, channels, 3, 1);
  }

  let shortcut = x;
  if (stride !== 1 || x.channels !== channels) {
    shortcut = net.conv(x, `${path}.downsample.0`, { channels, kernel: 1, stride, padding: noPadding });
    shortcut = net.batchNorm(shortcut, `${path}.downsample.1`, epsilon);
  }
  return net.relu(net.add(y, shortcut, `${path}/sum`), path);
}

export const torchvisionResNet: readonly Architecture[] = Object.entries(depths).map(([name, depth]) => ({
  id: `torchvision/${name}`,
  anchor: 'conv1.weight',
  inputSize: 224,
  head: { root: 'fc', path: 'fc', layer: 'fc' },
  trunk: (net, image) => trunk(net, image, depth),
}));
