/** Image files for tests of the decoder: fixtures, files that are written, and what a refusal has to say. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LensError } from '../../server/src/errors';
import type { DecodeOptions } from '../../server/src/imaging/decode';
import { decodeImage } from '../../server/src/imaging/decode';
import { temporaryFolder } from './temp';

export const fixtures = join(__dirname, '..', 'fixtures', 'images');
export const folder = temporaryFolder('decode');

export const write = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

export const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

/** The error names the file, what was found, and what to do. */
export async function refused(path: string, found: RegExp, options?: DecodeOptions): Promise<LensError> {
  const error: unknown = await decodeImage(path, options).then(
    () => new Error(`${path} was decoded`),
    (e: unknown) => e,
  );
  assert.ok(error instanceof LensError, String(error));
  assert.equal(error.kind, 'image');
  assert.ok(error.message.includes(basename(path)), error.message);
  assert.match(error.message, found);
  assert.ok(error.fix !== undefined && error.fix.endsWith('.'));
  return error;
}

/** Of a PNG. */
export function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
