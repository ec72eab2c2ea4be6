/** What a preprocessing step is: values flow from step to step, each made by one kind of step from its parameters. */
import type { FilledStep, StepId } from '../../../../protocol/steps';
import { LensError } from '../../errors';
import type { GrayImage, RgbImage } from '../../imaging/image';
import type { Kernels } from '../../imaging/kernels';

export type ChannelName = 'red' | 'green' | 'blue' | 'gray';

interface Sized {
  readonly width: number;
  readonly height: number;
  /** In the order of the data, and of the tensor. */
  readonly channels: readonly ChannelName[];
}

/** 8 bits, interleaved: `data[(y * width + x) * channels.length + channel]`. */
export interface Pixels extends Sized {
  readonly type: 'uint8';
  readonly data: Uint8Array;
}

/** float32, one plane a channel: `planes[channel][y * width + x]`. */
export interface Planes extends Sized {
  readonly type: 'float32';
  readonly planes: readonly Float32Array[];
}

/** Immutable: steps share what they leave unchanged. */
export type Value = Pixels | Planes;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface StepContext {
  /** Size of the network's input, which steps without a size of their own use. */
  readonly input: Size;
  /** Whose memory is used; afterwards it is free again. */
  readonly kernels: Kernels;
}

/** How a position moves along one axis: x' = x * to / from + offset, in pixels from the first pixel's edge. */
export interface AxisPlacement {
  readonly to: number;
  readonly from: number;
  readonly offset: number;
}

export interface Placement {
  readonly x: AxisPlacement;
  readonly y: AxisPlacement;
}

export interface StepOutcome<Detail> {
  readonly value: Value;
  /** From the step's own input to its output; left out where every pixel keeps its place. */
  readonly placement?: Placement;
  /** What else the step knows about this run, for its facts and pictures. */
  readonly detail: Detail;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** Drawn on request. */
export interface StepPicture {
  /** Unique in its step; part of a file name. */
  readonly name: string;
  readonly title: string;
  readonly draw: () => RgbImage | GrayImage;
}

/** One run of a step, the source of its facts and pictures. */
export interface StepRun<Id extends StepId, Detail> {
  readonly config: FilledStep<Id>;
  readonly before: Value;
  readonly after: Value;
  readonly detail: Detail;
}

/** One kind of step: its title, parameters and schema are in protocol/steps.ts under the same id. */
export interface StepKind<Id extends StepId = StepId, Detail = unknown> {
  readonly id: Id;
  /** @throws LensError of kind `usage` if the parameters cannot be applied to the value */
  run(value: Value, config: FilledStep<Id>, context: StepContext): StepOutcome<Detail>;
  /** Facts beyond shape, type and statistics, which every step has. */
  facts(run: StepRun<Id, Detail>): readonly Fact[];
  /** Omitted where the value itself is the picture. */
  pictures?(run: StepRun<Id, Detail>): readonly StepPicture[];
}

/** More pixels than any network takes; a float32 picture of three channels then has 201 MB. */
export const MOST_PIXELS = 1 << 24;

/** @throws LensError of kind `usage` where a step would make more than `MOST_PIXELS`, before anything of that size is made */
export function requireRoom({ width, height }: Size): void {
  if (width * height <= MOST_PIXELS) return;
  throw new LensError(
    'usage',
    `${width} x ${height} pixels (width x height) are more than the ${MOST_PIXELS.toLocaleString('en-US')} that a step may make.`,
    { fix: 'Resize or crop the picture in an earlier step.' },
  );
}

/** float32 planes of a value: the numbers 0..255 of pixels, unscaled. */
export function toFloat(value: Value): Planes {
  if (value.type === 'float32') return value;
  return mapped(value, (values, _, out) => out.set(values));
}

/** Writes the result for each of `values`, all of one channel. */
export type Write = (values: Float32Array, channel: number, out: Float32Array) => void;

/** float32 planes of a value, each number changed by itself. */
export function mapped(value: Value, write: Write): Planes {
  requireRoom(value);
  const { width, height, channels } = value;
  const count = width * height;
  const planes = channels.map((_, channel) => {
    const out = new Float32Array(count);
    if (value.type === 'float32') write(value.planes[channel] as Float32Array, channel, out);
    else lookUp(value.data, channel, channels.length, tableOf(write, channel), out);
    return out;
  });
  return { type: 'float32', width, height, channels, planes };
}

/** The result for every 8-bit number. */
function tableOf(write: Write, channel: number): Float32Array {
  const table = new Float32Array(256);
  write(
    Float32Array.from({ length: 256 }, (_, level) => level),
    channel,
    table,
  );
  return table;
}

function lookUp(
  data: Uint8Array,
  channel: number,
  step: number,
  table: Float32Array,
  out: Float32Array,
): void {
  for (let i = 0, at = channel; i < out.length; i++, at += step) out[i] = table[data[at] as number] as number;
}

/** The number for one channel of a parameter that has one number for all, or one for each. */
export function perChannel(
  key: string,
  value: number | readonly number[],
  channels: readonly ChannelName[],
): (channel: number) => number {
  if (typeof value === 'number') return () => value;
  if (value.length !== channels.length)
    throw new LensError(
      'usage',
      `"${key}": expected one number, or ${channels.length} for the channels ${channels.join(', ')}; found ${value.length}.`,
      { fix: `Give "${key}" as many numbers as the picture has channels at this step.` },
    );
  return (channel) => value[channel] as number;
}

/** The size that a parameter asks for. */
export function sizeOf(
  size: number | readonly [height: number, width: number] | undefined,
  { input }: Pick<StepContext, 'input'>,
): Size {
  if (size === undefined) return input;
  return typeof size === 'number' ? { width: size, height: size } : { width: size[1], height: size[0] };
}
