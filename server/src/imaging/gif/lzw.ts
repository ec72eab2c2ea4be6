/** GIF's variant of LZW: codes from the lowest bit up, which grow from minCodeSize + 1 to 12 bits (GIF89a, appendix F). */

import { PictureError } from '../problems';

const MOST_CODES = 4096;

/**
 * Exactly `pixels` palette indices: fewer are damage, and so are more.
 * @param data the contents of the sub-blocks, put together
 * @throws PictureError
 */
export function inflateLzw(data: Uint8Array, minCodeSize: number, pixels: number): Uint8Array {
  if (minCodeSize < 2 || minCodeSize > 11) throw PictureError.damaged(`its LZW code size is ${minCodeSize}`);
  const clear = 1 << minCodeSize;
  const end = clear + 1;
  /** Of each code beyond `end`: the code it continues, its last index, how many indices it stands for. */
  const prefix = new Uint16Array(MOST_CODES);
  const suffix = new Uint8Array(MOST_CODES);
  const length = new Uint16Array(MOST_CODES).fill(1, 0, clear);
  for (let code = 0; code < clear; code++) suffix[code] = code;

  const out = new Uint8Array(pixels);
  let written = 0;
  let size = minCodeSize + 1;
  let codes = end + 1;
  let previous = -1;
  let at = 0;
  let bits = 0;
  let held = 0;
  for (;;) {
    for (; held < size && at < data.length; held += 8) bits |= (data[at++] as number) << held;
    if (held < size) break;
    const code = bits & ((1 << size) - 1);
    bits >>>= size;
    held -= size;
    if (code === end) break;
    if (code === clear) {
      size = minCodeSize + 1;
      codes = end + 1;
      previous = -1;
      continue;
    }
    if (written === pixels) {
      if (at < data.length) throw PictureError.damaged('its first frame holds more pixels than fit');
      break; // bits that fill the last byte
    }
    if (code > codes || (code === codes && previous < 0))
      throw PictureError.damaged('its LZW codes are invalid');
    // A code that is not there yet is the one about to be made: the previous one and its own first index.
    const known = code < codes ? code : previous;
    const count = (length[known] as number) + (code < codes ? 0 : 1);
    if (written + count > pixels) throw PictureError.damaged('its first frame holds more pixels than fit');
    unroll(known, out.subarray(written, written + (length[known] as number)), prefix, suffix);
    const first = out[written] as number;
    if (code === codes) out[written + count - 1] = first;
    written += count;
    if (previous >= 0 && codes < MOST_CODES) {
      prefix[codes] = previous;
      suffix[codes] = first;
      length[codes] = (length[previous] as number) + 1;
      codes++;
      if (codes === 1 << size && size < 12) size++;
    }
    previous = code;
  }
  if (written < pixels) throw PictureError.damaged('the file ends within its first frame');
  return out;
}

/** Writes the indices that a code stands for, from the last to the first. */
function unroll(code: number, into: Uint8Array, prefix: Uint16Array, suffix: Uint8Array): void {
  for (let to = into.length - 1; to >= 0; to--) {
    into[to] = suffix[code] as number;
    code = prefix[code] as number;
  }
}
