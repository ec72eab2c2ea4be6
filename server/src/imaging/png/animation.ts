/** How many frames an animated PNG holds: the chunk `acTL`, before the pixels (PNG specification, third edition, 11.3.6.1). */
import type { ImageFile } from '../image-file';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const FRAMING = 12;
/** More chunks before the pixels than any writer puts there. */
const MOST_CHUNKS = 4096;

/** 1 where the file is not animated. */
export function framesOf(file: ImageFile): number {
  let at = SIGNATURE_BYTES;
  for (let chunk = 0; chunk < MOST_CHUNKS && at + FRAMING <= file.length; chunk++) {
    const head = file.slice(at, at + FRAMING);
    const type = head.toString('latin1', 4, 8);
    if (type === 'acTL') return Math.max(1, head.readUInt32BE(8));
    if (type === 'IDAT') return 1;
    at += FRAMING + head.readUInt32BE(0);
  }
  return 1;
}
