/** The parts of Swin Transformer V2 that depend on parameters alone (arXiv 2111.09883, torchvision's `ShiftedWindowAttentionV2`, timm's `WindowAttention`): the runtime folds them. */
import { float32Tensor } from '../onnx/builder';
import { linear, reshape } from './channels-last';
import type { NetworkBuilder } from './layers';

/** Units of the hidden layer between distances and biases. */
const HIDDEN = 512;

/** Scores of cosines are at most this much apart. */
const MOST = 100;

/**
 * 16 sigmoid(mlp(distances)) for each pair of offsets in a window: ((2 window - 1)^2, heads).
 * @param scaledBy side of the window by which distances are computed; null where they are in the file
 */
export function positionTable(
  net: NetworkBuilder,
  path: string,
  {
    window,
    heads,
    scaledBy,
  }: Readonly<Record<'window' | 'heads', number>> & { readonly scaledBy: number | null },
): string {
  const span = 2 * window - 1;
  const given =
    scaledBy === null
      ? net.parameter(`${path}.relative_coords_table`, [1, span, span, 2])
      : net.graph.constant(`${path}/coords`, () =>
          float32Tensor([span * span, 2], logDistances(window, scaledBy)),
        );
  const distances = reshape(net, given, [span * span, 2], `${path}/distances`);
  const wide = linear(net, distances, `${path}.cpb_mlp.0`, { inputs: 2, outputs: HIDDEN });
  const active = net.graph.node('Relu', [wide], {}, `${path}.cpb_mlp.1`);
  const options = { inputs: HIDDEN, outputs: heads, bias: false };
  const scores = linear(net, active, `${path}.cpb_mlp.2`, options);
  const shares = net.graph.node('Sigmoid', [scores], {}, `${path}/shares`);
  return net.graph.node('Mul', [shares, constant(net, `${path}/most`, 16)], {}, `${path}/position table`);
}

/** Rows and columns from -window + 1 to window - 1 in units of `scaledBy` - 1, as sign(d) log2(|8 d| + 1) / log2(8). */
function logDistances(window: number, scaledBy: number): Float32Array {
  const span = 2 * window - 1;
  const distance = (at: number): number => {
    const d = (8 * (at - window + 1)) / (scaledBy - 1);
    return (Math.sign(d) * Math.log2(Math.abs(d) + 1)) / Math.log2(8);
  };
  return Float32Array.from({ length: 2 * span * span }, (_, i) => {
    const place = i >> 1;
    return distance(i % 2 === 0 ? Math.floor(place / span) : place % span);
  });
}

/** exp(min(logit_scale, log 100)) for each head. */
export function scoreScale(net: NetworkBuilder, path: string, heads: number): string {
  const given = net.parameter(`${path}.logit_scale`, [heads, 1, 1]);
  const limit = constant(net, `${path}/limit`, Math.log(MOST));
  const limited = net.graph.node('Min', [given, limit], {}, `${path}/limited`);
  return net.graph.node('Exp', [limited], {}, `${path}/score scale`);
}

const constant = (net: NetworkBuilder, hint: string, value: number): string =>
  net.graph.constant(hint, () => float32Tensor([], [value]));
