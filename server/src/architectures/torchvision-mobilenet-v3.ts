/** MobileNet V3, large and small, as `torchvision` computes them. */
import { hardSigmoid, hardSwish } from './activations';
import { divisible } from './divisible';
import type { ConvOptions, Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { symmetricPadding } from './padding';

const epsilon = 1e-3;

type Row = readonly [
  kernel: number,
  expanded: number,
  channels: number,
  squeezes: boolean,
  activation: 'relu' | 'hardswish',
  stride: number,
];

export interface MobileNetV3 {
  readonly rows: readonly Row[];
  /** Width of the hidden linear layer. */
  readonly hidden: number;
}

/** arXiv 1905.02244, tables 1 and 2. */
export const mobileNetV3s: Readonly<Record<'large' | 'small', MobileNetV3>> = {
  large: {
    rows: [
      [3, 16, 16, false, 'relu', 1],
      [3, 64, 24, false, 'relu', 2],
      [3, 72, 24, false, 'relu', 1],
      [5, 72, 40, true, 'relu', 2],
      [5, 120, 40, true, 'relu', 1],
      [5, 120, 40, true, 'relu', 1],
      [3, 240, 80, false, 'hardswish', 2],
      [3, 200, 80, false, 'hardswish', 1],
      [3, 184, 80, false, 'hardswish', 1],
      [3, 184, 80, false, 'hardswish', 1],
      [3, 480, 112, true, 'hardswish', 1],
      [3, 672, 112, true, 'hardswish', 1],
      [5, 672, 160, true, 'hardswish', 2],
      [5, 960, 160, true, 'hardswish', 1],
      [5, 960, 160, true, 'hardswish', 1],
    ],
    hidden: 1280,
  },
  small: {
    rows: [
      [3, 16, 16, true, 'relu', 2],
      [3, 72, 24, false, 'relu', 2],
      [3, 88, 24, false, 'relu', 1],
      [5, 96, 40, true, 'hardswish', 2],
      [5, 240, 40, true, 'hardswish', 1],
      [5, 240, 40, true, 'hardswish', 1],
      [5, 120, 48, true, 'hardswish', 1],
      [5, 144, 48, true, 'hardswish', 1],
      [5, 288, 96, true, 'hardswish', 2],
      [5, 576, 96, true, 'hardswish', 1],
      [5, 576, 96, true, 'hardswish', 1],
    ],
    hidden: 1024,
  },
};

function trunk(net: NetworkBuilder, image: Feature, { rows, hidden }: MobileNetV3, dilated: boolean): Vector {
  let x = convNorm(net, image, 'features.0', { channels: 16, kernel: 3, stride: 2 });
  x = net.report('features.0', hardSwish(net, x, 'features.0'));
  rows.forEach((row, index) => {
    const path = `features.${index + 1}`;
    // torchvision dilates the last three blocks, the first of which strides otherwise.
    const dilation = dilated && index >= rows.length - 3 ? 2 : 1;
    x = net.report(path, invertedResidual(net, x, path, row, dilation));
  });
  const last = `features.${rows.length + 1}`;
  x = convNorm(net, x, last, { channels: 6 * x.channels, kernel: 1 });
  x = net.report(last, hardSwish(net, x, last));
  x = net.report('avgpool', net.globalAveragePool(x, 'avgpool'));
  const wide = net.linear(net.flatten(x, 'flatten'), 'classifier.0', { channels: hidden });
  return net.report('classifier.1', hardSwish(net, wide, 'classifier.1'));
}

/** expand 1x1 -> depthwise -> squeeze and excite -> project 1x1, plus the input where shape allows. */
function invertedResidual(
  net: NetworkBuilder,
  input: Feature,
  path: string,
  [kernel, expanded, channels, squeezes, activation, stride]: Row,
  dilation: number,
): Feature {
  const activate = (x: Feature): Feature => (activation === 'relu' ? net.relu(x) : hardSwish(net, x));
  let part = 0;
  const next = (): string => `${path}.block.${part++}`;
  let x = input;
  if (expanded !== input.channels) x = activate(convNorm(net, x, next(), { channels: expanded, kernel: 1 }));
  const steps = { stride: dilation > 1 ? 1 : stride, dilation };
  const depthwise = { channels: expanded, groups: expanded, kernel, ...steps };
  x = activate(convNorm(net, x, next(), depthwise));
  if (squeezes) {
    const own = next();
    const paths = { reduce: `${own}.fc1`, expand: `${own}.fc2` };
    x = net.squeezeExcite(x, paths, divisible(Math.floor(expanded / 4)), {
      activate: (small) => net.relu(small),
      gate: (wide) => hardSigmoid(net, wide),
    });
  }
  const residual = stride === 1 && input.channels === channels;
  const project = next();
  const as = residual ? `${project}.1` : path;
  x = convNorm(net, x, project, { channels, kernel: 1 }, as);
  return residual ? net.add(x, input, path) : x;
}

/** torchvision's Conv2dNormActivation without its activation. */
function convNorm(
  net: NetworkBuilder,
  x: Feature,
  path: string,
  options: Omit<ConvOptions, 'padding'>,
  as = `${path}.1`,
): Feature {
  const padding = symmetricPadding(options.kernel, options.dilation);
  return net.batchNorm(net.conv(x, `${path}.0`, { ...options, padding }), `${path}.1`, epsilon, as);
}

export const mobileNetV3 = (variant: MobileNetV3, id: string, dilated = false): Architecture => ({
  id,
  anchor: 'features.0.0.weight',
  inputSize: 224,
  head: { root: 'classifier.3', path: 'classifier.3', layer: 'classifier' },
  trunk: (net, image) => trunk(net, image, variant, dilated),
});

export const torchvisionMobileNetV3: readonly Architecture[] = Object.entries(mobileNetV3s).map(
  ([size, variant]) => mobileNetV3(variant, `torchvision/mobilenet_v3_${size}`),
);
