/** Names and times of a report: `<pipeline>_inference_<image stem>_<YYYYMMDD>_<HHMMSS>` and the ISO timestamp. */

import { basename, extname } from 'node:path';

/**
 * File systems allow 255 bytes per name. With `_inference_` (11), the time (16), a `_1000` (5) and what the temporary folder adds,
 * dots, owner and `.partial` (at most 50), a picture's and a lens's name come to 252.
 */
const MAX_STEM_BYTES = 120;
const MAX_PIPELINE_BYTES = 50;

/** Milliseconds since 1970 with the clock's microseconds. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** The id without the `_2` that a second report within the same second gets. Local time. */
export function processId(pipeline: string, imagePath: string, milliseconds: number): string {
  const { year, month, day, hour, minute, second } = localParts(milliseconds);
  const stem = safeName(imageStem(imagePath));
  return `${safeName(pipeline, MAX_PIPELINE_BYTES)}_inference_${stem}_${year}${month}${day}_${hour}${minute}${second}`;
}

/** `2025-12-01T18:12:54.285053`: local time without zone, as Python's `datetime.now().isoformat()`. */
export function timestamp(milliseconds: number): string {
  const { year, month, day, hour, minute, second, micro } = localParts(milliseconds);
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${micro}`;
}

/** The file's name without its last extension: `IMG_5549` of `/a/IMG_5549.jpg`. */
export function imageStem(imagePath: string): string {
  return basename(imagePath, extname(imagePath));
}

/**
 * A name that every file system and shell takes as one harmless word: letters and digits of any script, `_`, `-` and
 * inner dots; anything else becomes `_`. Never empty, never hidden, never longer than `most` bytes.
 */
export function safeName(name: string, most = MAX_STEM_BYTES): string {
  let safe = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '_')
    .replace(/^\.+/, '')
    .replace(/\.\.+/g, '.');
  while (Buffer.byteLength(safe) > most) safe = Array.from(safe).slice(0, -1).join('');
  safe = safe.replace(/\.+$/, '');
  return safe === '' ? 'unnamed' : safe;
}

function localParts(
  milliseconds: number,
): Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'micro', string> {
  const date = new Date(milliseconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const micros = Math.round((milliseconds - Math.floor(milliseconds / 1000) * 1000) * 1000);
  return {
    year: String(date.getFullYear()).padStart(4, '0'),
    month: two(date.getMonth() + 1),
    day: two(date.getDate()),
    hour: two(date.getHours()),
    minute: two(date.getMinutes()),
    second: two(date.getSeconds()),
    micro: String(Math.min(micros, 999_999)).padStart(6, '0'),
  };
}
