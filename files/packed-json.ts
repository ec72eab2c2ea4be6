/** JSON on its way to a page of the editor: long ones are compressed, in another thread, since they pass three processes and maybe a network. */
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { PackedJson } from '../protocol/panel';

/** Shorter ones are sooner there as they are. */
const LEAST_BYTES = 1 << 18;

const LEVEL = { level: constants.Z_BEST_SPEED } as const;

/** @param json in UTF-8 */
export async function packedJson(json: Uint8Array): Promise<PackedJson> {
  const gzipped = json.length >= LEAST_BYTES;
  const { buffer, byteOffset, length } = gzipped ? await promisify(gzip)(json, LEVEL) : json;
  return { json: buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer, gzipped };
}
