/** The metadata of the ONNX standard for pictures (onnx/docs/MetadataProps.md): pixel format and range, but not how pictures are resized. */
import type { LensStep } from '../../../../protocol/lens';
import type { Values, Written } from './writer';
import { prepared } from './writer';

/** Keys and values are compared without regard to case. */
const FORMATS: Readonly<Record<string, readonly LensStep[]>> = {
  gray8: [{ step: 'channels', order: 'gray', weights: 'pillow' }],
  rgb8: [],
  rgba8: [],
  bgr8: [{ step: 'channels', order: 'BGR' }],
  bgra8: [{ step: 'channels', order: 'BGR' }],
};

const RANGES: Readonly<Record<string, readonly LensStep[]>> = {
  nominalrange_0_255: [],
  normalized_0_1: [{ step: 'rescale' }],
  normalized_1_1: [{ step: 'rescale', factor: 1 / 127.5, offset: -1 }],
  nominalrange_16_235: [{ step: 'rescale', factor: 219 / 255, offset: 16 }],
};

/** Least and greatest value of each. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  nominalrange_0_255: [0, 255],
  normalized_0_1: [0, 1],
  normalized_1_1: [-1, 1],
  nominalrange_16_235: [16, 235],
};

export interface ImageMetadata {
  readonly channels: readonly LensStep[];
  readonly range: readonly LensStep[];
  /** Null where no range is said. */
  readonly bounds: readonly [least: number, greatest: number] | null;
  /** What was read, such as `Image.BitmapPixelFormat Bgr8`. */
  readonly facts: readonly string[];
  /** What the file says and no step does. */
  readonly doubts: readonly string[];
}

/** Null where neither format nor range is said. @param otherwise the range where only the format is said */
export function imageMetadata(metadata: ReadonlyMap<string, string>): ImageMetadata | null {
  const entries = new Map([...metadata].map(([key, value]) => [key.toLowerCase(), value]));
  const [format, range, gamma] = ['bitmappixelformat', 'nominalpixelrange', 'colorspacegamma'].map((key) =>
    entries.get(`image.${key}`)?.trim(),
  );
  const channels = lookUp(FORMATS, format);
  const scale = lookUp(RANGES, range);
  if (channels === null && scale === null) return null;
  return {
    channels: channels ?? [],
    // Custom Vision's sample: whatever is not 0..255 is 0..1.
    range: scale ?? RANGES['normalized_0_1'] ?? [],
    bounds: scale === null ? null : (BOUNDS[range?.toLowerCase() ?? ''] ?? null),
    facts: [
      ...(format === undefined ? [] : [`Image.BitmapPixelFormat ${format}`]),
      ...(range === undefined ? [] : [`Image.NominalPixelRange ${range}`]),
    ],
    doubts: [
      ...(channels === null && format !== undefined
        ? [`${format}, a pixel format that is not known here`]
        : []),
      ...(scale === null
        ? [range === undefined ? 'values 0 to 255' : `${range}, a range that is not known here`]
        : []),
      ...(gamma?.toLowerCase() === 'linear'
        ? ['light that is linear, as Image.ColorSpaceGamma says: pictures are given as they are encoded']
        : []),
    ],
  };
}

const lookUp = (table: Readonly<Record<string, readonly LensStep[]>>, word: string | undefined) =>
  word !== undefined && Object.hasOwn(table, word.toLowerCase()) ? (table[word.toLowerCase()] ?? null) : null;

export function fromImageMetadata({ metadata }: Written, subject: string): Values | null {
  const image = imageMetadata(metadata);
  if (image === null) return null;
  const { channels, range, facts, doubts } = image;
  return {
    ...rangeIn(image, subject),
    ...prepared(
      [{ step: 'resize', fit: 'exact', filter: 'bicubic', like: 'pillow' }, ...channels, ...range],
      `${facts.join(' and ')} in ${subject}; it does not say how pictures are resized: stretched, bicubic`,
      ['the shorter side resized and the middle cropped', 'bilinear', ...doubts],
    ),
  };
}

/** What the values are then compared with. */
export const rangeIn = ({ bounds }: ImageMetadata, subject: string): Pick<Values, 'input.range'> =>
  bounds === null
    ? {}
    : { 'input.range': { value: bounds, detail: `Image.NominalPixelRange in ${subject}` } };
