/** Pictures out of a pipe of PPM files, one after another: each says its own size. */
import type { RgbImage } from '../image';

/** `P6`, width, height and 255, as ffmpeg writes them. */
const HEADER = /^P6\s(\d{1,6})\s(\d{1,6})\s255\s/;
const LONGEST_HEADER = 32;

/**
 * @param requireSize throws if a picture is too large, before memory is allocated for it
 * @throws Error if the bytes are not a PPM; an incomplete picture at the end does not count
 */
export async function* picturesOf(
  chunks: AsyncIterable<Buffer>,
  requireSize: (width: number, height: number) => void,
): AsyncGenerator<RgbImage, void, undefined> {
  let head = Buffer.alloc(0);
  let open: {
    readonly width: number;
    readonly height: number;
    readonly data: Buffer;
    filled: number;
  } | null = null;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      if (open === null) {
        const added = chunk.subarray(from, from + LONGEST_HEADER - head.length);
        const text = Buffer.concat([head, added]);
        const match = HEADER.exec(text.toString('latin1'));
        if (match === null) {
          if (text.length >= LONGEST_HEADER) throw new Error('expected a PPM, found other bytes');
          head = text;
          from += added.length;
          continue;
        }
        const [whole, width, height] = [match[0].length, Number(match[1]), Number(match[2])];
        requireSize(width, height);
        from += whole - head.length;
        head = Buffer.alloc(0);
        open = { width, height, data: Buffer.allocUnsafeSlow(width * height * 3), filled: 0 };
      }
      const { data, width, height } = open;
      const part = chunk.subarray(from, from + data.length - open.filled);
      part.copy(data, open.filled);
      open.filled += part.length;
      from += part.length;
      if (open.filled < data.length) continue;
      open = null;
      yield { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
    }
  }
}
