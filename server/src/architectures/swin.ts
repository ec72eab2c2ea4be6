/** Swin Transformer as `torchvision` and `timm` compute it, arXiv 2103.14030, and version 2, arXiv 2111.09883. */
import { int64Tensor } from '../onnx/builder';
import type { ConstantTensor } from '../onnx/model';
import { layerNorm, linear, mlp, reshape, slice, transpose } from './channels-last';
import type { Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { noPadding } from './padding';
import { positionTable, scoreScale } from './swin-v2-positions';
import { shiftMask, relativeIndex } from './swin-windows';
import { fixedSize, selfAttention } from './tokens';

export interface Swin {
  readonly channels: number;
  readonly depths: readonly number[];
  /** Of each stage. */
  readonly heads: readonly number[];
  /** Side of a window in patches, of all stages or of each. */
  readonly window: number | readonly number[];
  /** Null where the network reads any size. */
  readonly size: number | null;
  /** 1 by default. Version 2 normalizes behind attention and MLP, attends by cosines, and computes positions from distances. */
  readonly version?: 1 | 2;
  /** Of version 2, where it was trained with smaller windows: their sides in each stage, in whose units it knows distances. */
  readonly trainedWith?: readonly number[];
}

const PATCH = 4;
const epsilon = 1e-5;

/** (1, height, width, channels) */
interface Grid {
  readonly tensor: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

interface Names {
  readonly stem: { readonly conv: string; readonly norm: string; readonly as: string };
  /** Before stage 1, 2 and 3. */
  merging(stage: number): string;
  block(stage: number, index: number): string;
  readonly mlp: readonly [string, string];
  /** What follows from the windows is in the file: the index of the position table, and in version 2 the distances. */
  readonly keepsIndex: boolean;
  readonly head: Architecture['head'];
}

const torchvision: Names = {
  stem: { conv: 'features.0.0', norm: 'features.0.2', as: 'features.0' },
  merging: (stage) => `features.${2 * stage}`,
  block: (stage, index) => `features.${2 * stage + 1}.${index}`,
  mlp: ['mlp.0', 'mlp.3'],
  keepsIndex: true,
  head: { root: 'head', path: 'head', layer: 'head' },
};

const timm: Names = {
  stem: { conv: 'patch_embed.proj', norm: 'patch_embed.norm', as: 'patch_embed' },
  merging: (stage) => `layers.${stage}.downsample`,
  block: (stage, index) => `layers.${stage}.blocks.${index}`,
  mlp: ['mlp.fc1', 'mlp.fc2'],
  keepsIndex: false,
  head: { root: 'head.fc', path: 'head.fc', layer: 'head.fc' },
};

function trunk(net: NetworkBuilder, image: Feature, id: string, plan: Swin, names: Names): Vector {
  const { size } = plan;
  if (size !== null && (image.width !== size || image.height !== size)) throw fixedSize(id, size, image);
  let x = stem(net, image, plan, names.stem);
  plan.depths.forEach((blocks, stage) => {
    if (stage > 0) x = reported(net, names.merging(stage), merged(net, x, names.merging(stage), plan));
    for (let index = 0; index < blocks; index++) {
      const path = names.block(stage, index);
      const shifts = index % 2 === 1;
      const given = typeof plan.window === 'number' ? plan.window : (plan.window[stage] ?? 1);
      // timm's windows are no larger than the picture, torchvision's picture is padded.
      const window = names.keepsIndex ? given : Math.min(given, x.height, x.width);
      const heads = plan.heads[stage] ?? 1;
      const scaledBy = names.keepsIndex ? null : (plan.trainedWith?.[stage] ?? window);
      const { version } = plan;
      x = reported(net, path, block(net, x, path, { version, window, heads, shifts, names, scaledBy }));
    }
  });
  const { channels } = x;
  const normed = layerNorm(net, x.tensor, 'norm', channels, epsilon);
  const mean = net.graph.node('ReduceMean', [normed], { axes: [1, 2], keepdims: 0 }, 'mean');
  return { tensor: mean, channels };
}

function stem(net: NetworkBuilder, image: Feature, { channels }: Swin, names: Names['stem']): Grid {
  const conv = { channels, kernel: PATCH, stride: PATCH, bias: true, padding: noPadding };
  const { tensor, height, width } = net.conv(image, names.conv, conv);
  const last = transpose(net, tensor, [0, 2, 3, 1], `${names.conv}/last`);
  const normed = layerNorm(net, last, names.norm, channels, epsilon, `${names.norm}/normed`);
  return reported(net, names.as, { tensor: normed, height, width, channels });
}

/** Reports a grid as a layer (1,C,H,W), and returns it. */
function reported(net: NetworkBuilder, name: string, x: Grid): Grid {
  const { channels, height, width } = x;
  const map = transpose(net, x.tensor, [0, 3, 1, 2], name);
  net.report(name, { tensor: map, channels, height, width });
  return { ...x, tensor: transpose(net, map, [0, 2, 3, 1], `${name}/last`) };
}

/** Each 2x2 patches become one with twice the channels; odd sides are padded with zeros. */
function merged(net: NetworkBuilder, input: Grid, path: string, { version }: Swin): Grid {
  const x = padded(net, input, [input.height % 2, input.width % 2], `${path}/padded`);
  const { channels } = x;
  const [height, width] = [x.height / 2, x.width / 2];
  const split = reshape(net, x.tensor, [1, height, 2, width, 2, channels], `${path}/split`);
  const turned = transpose(net, split, [0, 1, 3, 4, 2, 5], `${path}/turned`);
  const joined = reshape(net, turned, [1, height, width, 4 * channels], `${path}/joined`);
  const options = { inputs: 4 * channels, outputs: 2 * channels, bias: false };
  const reduced = (from: string): string => linear(net, from, `${path}.reduction`, options);
  const tensor =
    version === 2
      ? layerNorm(net, reduced(joined), `${path}.norm`, 2 * channels, epsilon)
      : reduced(layerNorm(net, joined, `${path}.norm`, 4 * channels, epsilon));
  return { tensor, height, width, channels: 2 * channels };
}

/** Zeros below and to the right. */
function padded(net: NetworkBuilder, x: Grid, [rows, columns]: readonly [number, number], as: string): Grid {
  if (rows === 0 && columns === 0) return x;
  const pads = net.graph.constant(`${as}/pads`, () => int64Tensor([0, 0, 0, 0, 0, rows, columns, 0]));
  const tensor = net.graph.node('Pad', [x.tensor, pads], {}, as);
  return { ...x, tensor, height: x.height + rows, width: x.width + columns };
}

interface BlockOptions {
  readonly version: Swin['version'];
  readonly window: number;
  /** See `positionTable`. */
  readonly scaledBy: number | null;
  readonly heads: number;
  readonly shifts: boolean;
  readonly names: Names;
}

/** y = x + windowed attention(norm(x)), y + mlp(norm(y)); in version 2 y = x + norm(attention(x)), y + norm(mlp(y)). */
function block(net: NetworkBuilder, x: Grid, path: string, options: BlockOptions): Grid {
  const { channels } = x;
  const [expand, project] = options.names.mlp.map((layer) => `${path}.${layer}`) as [string, string];
  const normed = (tensor: string, norm: string): string =>
    layerNorm(net, tensor, `${path}.${norm}`, channels, epsilon);
  const attend = (tensor: string): string => windowed(net, { ...x, tensor }, `${path}.attn`, options);
  const expanded = (tensor: string): string => mlp(net, tensor, [expand, project], channels, 4 * channels);
  const behind = options.version === 2;
  const attended = behind ? normed(attend(x.tensor), 'norm1') : attend(normed(x.tensor, 'norm1'));
  const y = net.graph.node('Add', [x.tensor, attended], {}, `${path}/attended`);
  const added = behind ? normed(expanded(y), 'norm2') : expanded(normed(y, 'norm2'));
  return { ...x, tensor: net.graph.node('Add', [y, added], {}, `${path}/sum`) };
}

/** Attention within windows, shifted by half a window in every second block where there is more than one. */
function windowed(net: NetworkBuilder, input: Grid, path: string, options: BlockOptions): string {
  const { window, heads, shifts, names } = options;
  const rest = (side: number): number => (window - (side % window)) % window;
  const x = padded(net, input, [rest(input.height), rest(input.width)], `${path}/padded`);
  const { channels } = x;
  const shift = (side: number): number => (shifts && window < side ? Math.floor(window / 2) : 0);
  const moves = [shift(x.height), shift(x.width)] as const;
  const [rows, columns] = [x.height / window, x.width / window];
  const length = window * window;

  const rolled = roll(net, x, [moves[0], moves[1]], `${path}/rolled`);
  const split = reshape(net, rolled, [1, rows, window, columns, window, channels], `${path}/split`);
  const turned = transpose(net, split, [0, 1, 3, 2, 4, 5], `${path}/turned`);
  const windows = reshape(net, turned, [rows * columns, length, channels], `${path}/windows`);
  const bias = positionBias(net, path, options, shiftMask([x.height, x.width], window, moves));
  if (names.keepsIndex) net.leaveUnused(`${path}.relative_position_index`);
  const attended = selfAttention(net, windows, path, {
    channels,
    heads,
    length,
    batch: rows * columns,
    bias,
    ...(options.version === 2
      ? {
          cosine: scoreScale(net, path, heads),
          hasBias: names.keepsIndex ? ('without keys' as const) : ('apart' as const),
        }
      : {}),
  });
  const parted = reshape(net, attended, [1, rows, columns, window, window, channels], `${path}/parted`);
  const back = transpose(net, parted, [0, 1, 3, 2, 4, 5], `${path}/back`);
  const whole = reshape(net, back, [1, x.height, x.width, channels], `${path}/whole`);
  const unrolled = roll(net, { ...x, tensor: whole }, [-moves[0], -moves[1]], `${path}/unrolled`);
  return cropped(net, { ...x, tensor: unrolled }, input, path);
}

/** A learned number for each head and distance, and -100 between positions that only the shift brought together. */
function positionBias(
  net: NetworkBuilder,
  path: string,
  { window, heads, version, scaledBy }: BlockOptions,
  mask: (() => ConstantTensor) | null,
): string {
  const table =
    version === 2
      ? positionTable(net, path, { window, heads, scaledBy })
      : net.parameter(`${path}.relative_position_bias_table`, [(2 * window - 1) ** 2, heads]);
  const length = window * window;
  const index = net.graph.constant(`${path}/index`, () => relativeIndex(window));
  const rows = net.graph.node('Gather', [table, index], { axis: 0 }, `${path}/positions`);
  const square = reshape(net, rows, [length, length, heads], `${path}/square`);
  const byHead = transpose(net, square, [2, 0, 1], `${path}/by head`);
  if (mask === null) return byHead;
  const forbidden = net.graph.constant(`${path}/mask`, mask);
  return net.graph.node('Add', [byHead, forbidden], {}, `${path}/bias`);
}

/** torch.roll by minus these rows and columns. */
function roll(net: NetworkBuilder, x: Grid, by: readonly [number, number], as: string): string {
  let { tensor } = x;
  [x.height, x.width].forEach((side, at) => {
    const rows = (((by[at] ?? 0) % side) + side) % side;
    if (rows === 0) return;
    const axis = at + 1;
    const behind = slice(net, tensor, [axis, rows, side], `${as}/${axis}/behind`);
    const before = slice(net, tensor, [axis, 0, rows], `${as}/${axis}/before`);
    tensor = net.graph.node('Concat', [behind, before], { axis }, `${as}/${axis}`);
  });
  return tensor;
}

function cropped(net: NetworkBuilder, x: Grid, to: Grid, as: string): string {
  let { tensor } = x;
  if (to.height < x.height) tensor = slice(net, tensor, [1, 0, to.height], `${as}/rows`);
  if (to.width < x.width) tensor = slice(net, tensor, [2, 0, to.width], `${as}/columns`);
  return tensor;
}

const built = (id: string, plan: Swin, names: Names, inputSize: number): Architecture => ({
  id,
  anchor: `${names.stem.conv}.weight`,
  inputSize,
  head: names.head,
  trunk: (net, image) => trunk(net, image, id, plan, names),
});

export const torchvisionSwin = (id: string, plan: Omit<Swin, 'size'>): Architecture =>
  built(id, { ...plan, size: null }, torchvision, plan.version === 2 ? 256 : 224);
export const timmSwin = (id: string, plan: Swin & { readonly size: number }): Architecture =>
  built(id, plan, timm, plan.size);

export const swinSizes = {
  tiny: { channels: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24] },
  small: { channels: 96, depths: [2, 2, 18, 2], heads: [3, 6, 12, 24] },
  base: { channels: 128, depths: [2, 2, 18, 2], heads: [4, 8, 16, 32] },
  large: { channels: 192, depths: [2, 2, 18, 2], heads: [6, 12, 24, 48] },
} as const;

/** Windows found by a search, arXiv 2111.14725. */
const s3 = {
  tiny: { depths: [2, 2, 6, 2], window: [7, 7, 14, 7] },
  small: { depths: [2, 2, 18, 2], window: [14, 14, 14, 7] },
  base: { depths: [2, 2, 30, 2], window: [7, 7, 14, 7] },
} as const;

/** Of one window for all stages, for pictures of 224 and 384 pixels. */
export const swinRows = [
  ...(['tiny', 'small', 'base', 'large'] as const).map((name) => ({ name, window: 7, size: 224 })),
  ...(['base', 'large'] as const).map((name) => ({ name, window: 12, size: 384 })),
];

const v2Windows = [
  { name: 'window8_256', window: 8, size: 256 },
  { name: 'window16_256', window: 16, size: 256 },
] as const;

/** Of the larger pictures also such as were trained with windows of 12 and 192 pixels. */
const trainedWith = [12, 12, 12, 6];
const v2Wider = [
  { name: 'window12_192', window: 12, size: 192 },
  { name: 'window12to16_192to256', window: 16, size: 256, trainedWith },
  { name: 'window12to24_192to384', window: 24, size: 384, trainedWith },
] as const;

/** Nothing in a file tells windows apart: of one size the most likely comes first (`read-as.ts`). */
export const swinV2Rows = [
  ...(['tiny', 'small', 'base'] as const).flatMap((size) => v2Windows.map((row) => [size, row] as const)),
  ...(['base', 'large'] as const).flatMap((size) => v2Wider.map((row) => [size, row] as const)),
];

export const swins: readonly Architecture[] = [
  ...(['tiny', 'small', 'base'] as const).map((name) =>
    torchvisionSwin(`torchvision/swin_${name.charAt(0)}`, { ...swinSizes[name], window: 7 }),
  ),
  ...(['tiny', 'small', 'base'] as const).map((name) =>
    torchvisionSwin(`torchvision/swin_v2_${name.charAt(0)}`, { ...swinSizes[name], window: 8, version: 2 }),
  ),
  ...swinRows.map(({ name, window, size }) =>
    timmSwin(`timm/swin_${name}_patch4_window${window}_${size}`, { ...swinSizes[name], window, size }),
  ),
  ...(['tiny', 'small', 'base'] as const).map((name) =>
    timmSwin(`timm/swin_s3_${name}_224`, { ...swinSizes.tiny, ...s3[name], size: 224 }),
  ),
  ...swinV2Rows.map(([size, { name, ...row }]) =>
    timmSwin(`timm/swinv2_${size}_${name}`, { ...swinSizes[size], ...row, version: 2 }),
  ),
];
