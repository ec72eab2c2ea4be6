/** Gray from red, green and blue, by three libraries' arithmetic (ITU-R BT.601's weights in all of them). */

export type GrayWeights = 'pillow' | 'opencv' | 'torch';

/** In integers, (r R + g G + b B + half) >> bits. */
interface FixedWeights {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly bits: number;
}

const FIXED: Readonly<Record<'pillow' | 'opencv', FixedWeights>> = {
  /** Convert.c, `L24`. */
  pillow: { red: 19595, green: 38470, blue: 7471, bits: 16 },
  /** color_rgb.simd.hpp, `RY15`. */
  opencv: { red: 9798, green: 19235, blue: 3735, bits: 15 },
};

/** torchvision's `rgb_to_grayscale`, which says 0.2989. */
const REAL: Readonly<Record<GrayWeights, readonly [number, number, number]>> = {
  pillow: [0.299, 0.587, 0.114],
  opencv: [0.299, 0.587, 0.114],
  torch: [0.2989, 0.587, 0.114],
};

/** @param at offsets of red, green and blue in each pixel */
export function grayPixels(
  data: Uint8Array,
  channels: number,
  at: readonly [red: number, green: number, blue: number],
  weights: GrayWeights,
): Uint8Array {
  const out = new Uint8Array(data.length / channels);
  if (weights === 'torch') cutOff(data, channels, at, out);
  else inIntegers(data, channels, at, FIXED[weights], out);
  return out;
}

function inIntegers(
  data: Uint8Array,
  channels: number,
  [r, g, b]: readonly [number, number, number],
  { red, green, blue, bits }: FixedWeights,
  out: Uint8Array,
): void {
  const half = 1 << (bits - 1);
  for (let i = 0, at = 0; i < out.length; i++, at += channels)
    out[i] =
      ((data[at + r] as number) * red +
        (data[at + g] as number) * green +
        (data[at + b] as number) * blue +
        half) >>
      bits;
}

/** In float32, product by product and sum by sum, then truncated. */
function cutOff(
  data: Uint8Array,
  channels: number,
  [r, g, b]: readonly [number, number, number],
  out: Uint8Array,
): void {
  const [red, green, blue] = REAL.torch.map(Math.fround) as [number, number, number];
  const { fround } = Math;
  for (let i = 0, at = 0; i < out.length; i++, at += channels) {
    const first = fround(fround((data[at + r] as number) * red) + fround((data[at + g] as number) * green));
    out[i] = fround(first + fround((data[at + b] as number) * blue));
  }
}

export function grayPlane(planes: readonly Float32Array[], weights: GrayWeights): Float32Array {
  const [red, green, blue] = planes as [Float32Array, Float32Array, Float32Array];
  const [r, g, b] = REAL[weights];
  const out = new Float32Array(red.length);
  for (let i = 0; i < out.length; i++)
    out[i] = (red[i] as number) * r + (green[i] as number) * g + (blue[i] as number) * b;
  return out;
}
