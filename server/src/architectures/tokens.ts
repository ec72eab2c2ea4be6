/** What vision transformers share: attention, and token sequences seen as the grid of patches that they come from. */
import { LensError } from '../errors';
import { float32Tensor } from '../onnx/builder';
import { linear, reshape, slice, transpose } from './channels-last';
import type { Feature, NetworkBuilder } from './layers';

/** A sequence (1, before + height * width, channels): class and register tokens, then the patches row by row. */
export interface Tokens {
  readonly tensor: string;
  readonly channels: number;
  /** Number of tokens that are not patches. */
  readonly before: number;
  readonly height: number;
  readonly width: number;
}

export const lengthOf = ({ before, height, width }: Tokens): number => before + height * width;

/** (1,C,H,W) to (1,H W,C). */
export function tokensOf(net: NetworkBuilder, x: Feature, as: string): Tokens {
  const { channels, height, width } = x;
  const flat = reshape(net, x.tensor, [1, channels, height * width], `${as}/flat`);
  return { tensor: transpose(net, flat, [0, 2, 1], as), channels, before: 0, height, width };
}

/**
 * Reports the patches of a sequence as a layer (1,C,H,W), and returns the sequence: class and register tokens bypass the layer. Gradients that reach the
 * layer are those of the patches.
 */
export function reportPatches(net: NetworkBuilder, name: string, x: Tokens): Tokens {
  const { channels, before, height, width } = x;
  const length = lengthOf(x);
  const patches = before === 0 ? x.tensor : slice(net, x.tensor, [1, before, length], `${name}/patches`);
  const turned = transpose(net, patches, [0, 2, 1], `${name}/turned`);
  const map = reshape(net, turned, [1, channels, height, width], name);
  net.report(name, { tensor: map, channels, height, width });
  const { tensor } = tokensOf(net, { tensor: map, channels, height, width }, `${name}/tokens`);
  if (before === 0) return { ...x, tensor };
  const others = slice(net, x.tensor, [1, 0, before], `${name}/others`);
  return { ...x, tensor: net.graph.node('Concat', [others, tensor], { axis: 1 }, `${name}/all`) };
}

export interface AttentionOptions {
  readonly channels: number;
  readonly heads: number;
  /** Tokens of a sequence. */
  readonly length: number;
  /** Sequences that attend only within themselves; 1 by default. */
  readonly batch?: number;
  /** Added to the scores, (heads, length, length) or with the batch before it; none by default. */
  readonly bias?: string;
  /** (heads, 1, 1): the scores are this times the cosine of q and k, in place of q k^T / sqrt d. */
  readonly cosine?: string;
}

/** softmax(q k^T / sqrt d + bias) v for each head, arXiv 1706.03762. @param qkv (batch, length, 3 channels): q, k, v @returns (batch, length, channels) */
export function attention(net: NetworkBuilder, qkv: string, options: AttentionOptions, as: string): string {
  const { channels, heads, length, batch = 1, bias, cosine } = options;
  const width = channels / heads;
  const part = (index: number, name: string, perm: readonly number[]): string => {
    const own = slice(net, qkv, [2, index * channels, (index + 1) * channels], `${as}/${name}`);
    const split = reshape(net, own, [batch, length, heads, width], `${as}/${name}/heads`);
    return transpose(net, split, perm, `${as}/${name}/turned`);
  };
  const scale = cosine ?? net.graph.constant(`${as}/scale`, () => float32Tensor([], [1 / Math.sqrt(width)]));
  const along = (x: string, axis: number): string => (cosine === undefined ? x : unit(net, x, axis));
  const q = net.graph.node('Mul', [along(part(0, 'q', [0, 2, 1, 3]), 3), scale], {}, `${as}/q/scaled`);
  const k = along(part(1, 'k', [0, 2, 3, 1]), 2);
  let scores = net.graph.node('MatMul', [q, k], {}, `${as}/scores`);
  if (bias !== undefined) scores = net.graph.node('Add', [scores, bias], {}, `${as}/biased`);
  const shares = net.graph.node('Softmax', [scores], { axis: -1 }, `${as}/shares`);
  const mixed = net.graph.node('MatMul', [shares, part(2, 'v', [0, 2, 1, 3])], {}, `${as}/mixed`);
  return reshape(net, transpose(net, mixed, [0, 2, 1, 3], `${as}/joined`), [batch, length, channels], as);
}

/** x / max(|x|, 1e-12) along an axis, as torch.nn.functional.normalize. */
function unit(net: NetworkBuilder, x: string, axis: number): string {
  const length = net.graph.node('ReduceL2', [x], { axes: [axis], keepdims: 1 }, `${x}/length`);
  const least = net.graph.constant(`${x}/least`, () => float32Tensor([], [1e-12]));
  const positive = net.graph.node('Max', [length, least], {}, `${x}/positive`);
  return net.graph.node('Div', [x, positive], {}, `${x}/unit`);
}

/** Whether q, k and v have one; `without keys`, one of which the part of k is not used; `apart`, q and v each its own, named `q_bias` and `v_bias`. */
type HasBias = boolean | 'without keys' | 'apart';

/** The linear layers of a module that names them `qkv` and `proj`, around attention. */
export function selfAttention(
  net: NetworkBuilder,
  x: string,
  path: string,
  { hasBias = true, ...options }: AttentionOptions & { readonly hasBias?: HasBias },
): string {
  const { channels } = options;
  const bias = hasBias === true;
  let qkv = linear(net, x, `${path}.qkv`, { inputs: channels, outputs: 3 * channels, bias });
  if (typeof hasBias === 'string') {
    const parts = hasBias === 'without keys' ? withoutKeys : queriesAndValues;
    qkv = net.graph.node('Add', [qkv, parts(net, path, channels)], {}, `${path}.qkv/biased`);
  }
  const mixed = attention(net, qkv, options, `${path}/mixed`);
  return linear(net, mixed, `${path}.proj`, { inputs: channels, outputs: channels });
}

/** The bias of q, k and v, whose middle third is not used. */
function withoutKeys(net: NetworkBuilder, path: string, channels: number): string {
  const used = (_: unknown, i: number): number => (Math.floor(i / channels) === 1 ? 0 : 1);
  const mask = net.graph.constant(`${path}.qkv/used`, () =>
    float32Tensor([3 * channels], Float32Array.from({ length: 3 * channels }, used)),
  );
  const bias = net.parameter(`${path}.qkv.bias`, [3 * channels]);
  return net.graph.node('Mul', [bias, mask], {}, `${path}.qkv/bias`);
}

function queriesAndValues(net: NetworkBuilder, path: string, channels: number): string {
  const none = net.graph.constant(`${path}.k_bias`, () =>
    float32Tensor([channels], new Float32Array(channels)),
  );
  const [q, v] = ['q_bias', 'v_bias'].map((name) => net.parameter(`${path}.${name}`, [channels]));
  return net.graph.node('Concat', [q ?? '', none, v ?? ''], { axis: 0 }, `${path}.qkv/bias`);
}

/** A transformer's positions are learned for one size. */
export const fixedSize = (id: string, expected: number, { width, height }: Feature): LensError =>
  new LensError(
    'usage',
    `${id} has one learned vector for each patch of ${expected}x${expected} pixels: it cannot read ${width}x${height}.`,
    {
      fix: 'Use a lens that takes its size from the network, such as imagenet.',
      remedies: ['choose-lens'],
    },
  );
