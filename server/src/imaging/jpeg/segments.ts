/** The marker segments of a JPEG stream (ITU-T T.81, annex B). */
import { PictureError } from '../problems';

export const Marker = { Soi: 0xd8, Eoi: 0xd9, Sos: 0xda, App0: 0xe0, App15: 0xef, Comment: 0xfe } as const;

export interface Segment {
  readonly marker: number;
  /** Of its 0xff. */
  readonly start: number;
  readonly end: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bits a sample. */
  readonly precision: number;
}

/**
 * Up to the first scan, whose header is the last, or to the end.
 * @param what named in what is thrown
 * @throws PictureError
 */
export function* segmentsOf(stream: Uint8Array, what: string): Generator<Segment> {
  let [at, count] = [0, 0];
  const byte = (): number => {
    const value = stream[at++];
    if (value === undefined) throw PictureError.damaged(`${what} ends within its JPEG header`);
    return value;
  };
  for (;;) {
    if (at >= stream.length && count > 0) return;
    if (byte() !== 0xff) throw PictureError.damaged(`${what} is not a JPEG stream`);
    let marker = byte();
    while (marker === 0xff) marker = byte();
    if (marker === Marker.Soi) continue;
    if (marker === Marker.Eoi) return;
    const start = at - 2;
    const length = (byte() << 8) | byte();
    const end = start + 2 + length;
    if (length < 2 || end > stream.length) throw PictureError.damaged(`${what} ends within its JPEG header`);
    // What an application added is no part of a stream that consists of tables.
    if (!isAdded(marker)) count++;
    yield { marker, start, end };
    if (marker === Marker.Sos) return;
    at = end;
  }
}

/** By an application, or a comment. */
export const isAdded = (marker: number): boolean =>
  (marker >= Marker.App0 && marker <= Marker.App15) || marker === Marker.Comment;

/** What SOF0 to SOF15 (without DHT, JPG and DAC) say; null for other segments. */
export function frameIn(stream: Uint8Array, { marker, start, end }: Segment): Frame | null {
  if (marker < 0xc0 || marker > 0xcf || [0xc4, 0xc8, 0xcc].includes(marker) || end - start < 10) return null;
  const byte = (at: number): number => stream[start + at] as number;
  const [height, width] = [(byte(5) << 8) | byte(6), (byte(7) << 8) | byte(8)];
  return { width, height, channels: byte(9), precision: byte(4) };
}
