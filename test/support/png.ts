/** PNG files as this project writes them, read by the letter of the specification. */
import assert from 'node:assert/strict';
import { crc32, inflateSync } from 'node:zlib';

export interface DecodedPng {
  readonly width: number;
  readonly height: number;
  /** Of a palette picture: indices. */
  readonly samples: Uint8Array;
  readonly palette: Uint8Array | null;
}

/** 8 bits, not interlaced, gray, RGB or indexed; every chunk's CRC is checked. Filter types 0 to 3. */
export function decodePng(file: Uint8Array): DecodedPng {
  const bytes = Buffer.from(file);
  assert.equal(bytes.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n');
  const parts: Buffer[] = [];
  let palette: Uint8Array | null = null;
  let header: Buffer = Buffer.alloc(0);
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + 8 + length);
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(bytes.subarray(at + 4, at + 8 + length)), type);
    if (type === 'IHDR') header = content;
    if (type === 'PLTE') palette = content;
    if (type === 'IDAT') parts.push(content);
    at += length + 12;
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.equal(header[8], 8);
  const channels = header[9] === 2 ? 3 : 1;
  return {
    width,
    height,
    palette,
    samples: unfilter(inflateSync(Buffer.concat(parts)), width * channels, channels),
  };
}

/** The specification's reconstruction functions, 9.2. */
function unfilter(lines: Uint8Array, stride: number, channels: number): Uint8Array {
  const rows = lines.length / (stride + 1);
  const out = new Uint8Array(rows * stride);
  for (let y = 0; y < rows; y++) {
    const type = lines[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x < channels ? 0 : out[y * stride + x - channels]!;
      const above = y === 0 ? 0 : out[(y - 1) * stride + x]!;
      const predicted = [0, left, above, Math.floor((left + above) / 2)][type!];
      assert.ok(predicted !== undefined, `filter type ${type} in row ${y}`);
      out[y * stride + x] = lines[y * (stride + 1) + 1 + x]! + predicted;
    }
  }
  return out;
}
