/** RegNet X and Y as `torchvision` computes them. */
import { roundHalfEven } from '../round';
import { divisible } from './divisible';
import type { ConvOptions, Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { symmetricPadding } from './padding';

const epsilon = 1e-5;
const STEM = 32;

/** arXiv 2003.13678, equations 2 to 4: widths grow by `slope` a block from `start`, in steps of factor `step`. */
interface RegNet {
  readonly depth: number;
  readonly start: number;
  readonly slope: number;
  readonly step: number;
  readonly groupWidth: number;
}

type Row = readonly [name: string, depth: number, w0: number, wa: number, wm: number, groupWidth: number];

/** torchvision 0.24.1, regnet.py. Y has squeeze and excitation, X has none. */
const rows: readonly Row[] = [
  ['y_400mf', 16, 48, 27.89, 2.09, 8],
  ['y_800mf', 14, 56, 38.84, 2.4, 16],
  ['y_1_6gf', 27, 48, 20.71, 2.65, 24],
  ['y_3_2gf', 21, 80, 42.63, 2.66, 24],
  ['y_8gf', 17, 192, 76.82, 2.19, 56],
  ['y_16gf', 18, 200, 106.23, 2.48, 112],
  ['y_32gf', 20, 232, 115.89, 2.53, 232],
  ['y_128gf', 27, 456, 160.83, 2.52, 264],
  ['x_400mf', 22, 24, 24.48, 2.54, 16],
  ['x_800mf', 16, 56, 35.73, 2.28, 16],
  ['x_1_6gf', 18, 80, 34.01, 2.25, 24],
  ['x_3_2gf', 25, 88, 26.31, 2.25, 48],
  ['x_8gf', 23, 80, 49.56, 2.88, 120],
  ['x_16gf', 22, 216, 55.59, 2.1, 128],
  ['x_32gf', 23, 320, 69.86, 2, 168],
];

interface Stage {
  readonly width: number;
  readonly groupWidth: number;
  readonly depth: number;
}

function stagesOf({ depth, start, slope, step, groupWidth }: RegNet): readonly Stage[] {
  const widths = Array.from({ length: depth }, (_, block) => {
    const power = Math.round(Math.log((block * slope + start) / start) / Math.log(step));
    return roundHalfEven((start * step ** power) / 8) * 8;
  });
  return [...new Set(widths)].map((wanted) => {
    const group = Math.min(groupWidth, wanted);
    const blocks = widths.filter((width) => width === wanted).length;
    return { width: divisible(wanted, group), groupWidth: group, depth: blocks };
  });
}

function trunk(net: NetworkBuilder, image: Feature, stages: readonly Stage[], squeezes: boolean): Vector {
  let x = convNorm(net, image, 'stem', { channels: STEM, kernel: 3, stride: 2 });
  x = net.report('stem', net.relu(x, 'stem'));
  stages.forEach(({ width, groupWidth, depth }, at) => {
    for (let index = 0; index < depth; index++) {
      const path = `trunk_output.block${at + 1}.block${at + 1}-${index}`;
      const stride = index === 0 ? 2 : 1;
      x = net.report(path, block(net, x, path, { width, groups: width / groupWidth, stride, squeezes }));
    }
  });
  x = net.report('avgpool', net.globalAveragePool(x, 'avgpool'));
  return net.flatten(x, 'flatten');
}

interface BlockOptions {
  readonly width: number;
  readonly groups: number;
  readonly stride: number;
  readonly squeezes: boolean;
}

/** relu(f(x) + x), f a bottleneck as wide as its output; x goes through a 1x1 convolution where the shapes differ. */
function block(net: NetworkBuilder, x: Feature, path: string, options: BlockOptions): Feature {
  const { width: channels, groups, stride, squeezes } = options;
  let y = net.relu(convNorm(net, x, `${path}.f.a`, { channels, kernel: 1 }));
  y = net.relu(convNorm(net, y, `${path}.f.b`, { channels, kernel: 3, stride, groups }));
  if (squeezes) {
    const paths = { reduce: `${path}.f.se.fc1`, expand: `${path}.f.se.fc2` };
    const squeezed = roundHalfEven(0.25 * x.channels);
    y = net.squeezeExcite(y, paths, squeezed, { activate: (small) => net.relu(small) });
  }
  y = convNorm(net, y, `${path}.f.c`, { channels, kernel: 1 });
  const projects = stride !== 1 || x.channels !== channels;
  const shortcut = projects ? convNorm(net, x, `${path}.proj`, { channels, kernel: 1, stride }) : x;
  return net.relu(net.add(shortcut, y, `${path}/sum`), path);
}

/** torchvision's Conv2dNormActivation without its activation. */
function convNorm(
  net: NetworkBuilder,
  x: Feature,
  path: string,
  options: Omit<ConvOptions, 'padding'>,
): Feature {
  const padding = symmetricPadding(options.kernel);
  return net.batchNorm(net.conv(x, `${path}.0`, { ...options, padding }), `${path}.1`, epsilon);
}

export const torchvisionRegNet: readonly Architecture[] = rows.map(
  ([name, depth, start, slope, step, groupWidth]) => {
    const stages = stagesOf({ depth, start, slope, step, groupWidth });
    return {
      id: `torchvision/regnet_${name}`,
      anchor: 'stem.0.weight',
      inputSize: 224,
      head: { root: 'fc', path: 'fc', layer: 'fc' },
      trunk: (net, image) => trunk(net, image, stages, name.startsWith('y')),
    };
  },
);
