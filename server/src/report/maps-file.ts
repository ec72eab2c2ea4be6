/** maps.bin: every layer's raw maps and vectors as little-endian float32, one after another. */

import { endianness } from 'node:os';
import type { MapSlice } from '../../../protocol/report';
import type { FloatMap } from '../imaging/image';

/** Collects maps in the order in which they are added; the slices go into report.json. */
export class MapsFile {
  private readonly parts: Float32Array[] = [];
  private length = 0;

  add(map: FloatMap): MapSlice {
    const { width, height, data } = map;
    if (data.length !== width * height) {
      throw new RangeError(`${data.length} values do not make a ${width}x${height} map.`);
    }
    const slice = { offset: this.length * 4, width, height };
    this.parts.push(data);
    this.length += data.length;
    return slice;
  }

  /** A vector as one row. */
  addVector(values: Float32Array): MapSlice {
    return this.add({ width: values.length, height: 1, data: values });
  }

  bytes(): Buffer {
    const all = new Float32Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    const bytes = Buffer.from(all.buffer);
    return endianness() === 'LE' ? bytes : bytes.swap32();
  }
}

/** One map out of the file's bytes. Throws if the slice is not inside it. */
export function readSlice(file: Uint8Array, slice: MapSlice): FloatMap {
  const { offset, width, height } = slice;
  const count = width * height;
  if (!(offset >= 0 && offset % 4 === 0 && offset + count * 4 <= file.byteLength)) {
    throw new RangeError(
      `Slice at ${offset} of ${width}x${height} float32 is not inside ${file.byteLength} bytes.`,
    );
  }
  const view = new DataView(file.buffer, file.byteOffset + offset, count * 4);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = view.getFloat32(i * 4, true);
  return { width, height, data };
}
