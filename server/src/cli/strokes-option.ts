/** `--strokes <file>`: reads what is painted over the picture, from a file that may be anything. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { jsonExcess } from '../../../protocol/json-bounds';
import { STROKE_BOUNDS, strokesProblem, type Stroke } from '../../../protocol/strokes';
import { LensError } from '../errors';

/** As many strokes and points as are allowed, written wastefully. */
const MOST_BYTES = 1_000_000;
const JSON_BOUNDS = { depth: 6, values: 4 * STROKE_BOUNDS.points + 16 * STROKE_BOUNDS.strokes, text: 64 };

const EXAMPLE = '[{ "box": [40, 30, 90, 80], "fill": { "color": [128, 128, 128] } }]';

/** @throws LensError of kind `usage` naming the file, what was expected, and what was found */
export function readStrokes(option: string, given: string): readonly Stroke[] {
  const path = resolve(given);
  const refuse = (found: string, cause?: unknown): LensError =>
    new LensError('usage', `${path}: ${option} expects a JSON file of strokes; ${found}.`, {
      cause,
      fix: `For example: ${EXAMPLE}. docs/by-hand.md describes strokes.`,
    });
  const text = textOf(path, refuse);
  const excess = jsonExcess(text, JSON_BOUNDS);
  if (excess !== null) throw refuse(`found ${excess}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(`found no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const wrong = strokesProblem(value);
  if (wrong === null) return value as readonly Stroke[];
  const where = wrong.at === '' ? 'it' : wrong.at;
  throw refuse(`${where} should be ${wrong.expected}, found ${wrong.found}`);
}

/** Opened without waiting for whoever writes into a pipe, and looked at before a byte is read. */
function textOf(path: string, refuse: (found: string, cause?: unknown) => LensError): string {
  const flags = process.platform === 'win32' ? constants.O_RDONLY : constants.O_RDONLY | constants.O_NONBLOCK;
  let file: number;
  try {
    file = openSync(path, flags);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    throw refuse(code === 'ENOENT' ? 'found no file there' : `it cannot be read (${String(code)})`, cause);
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw refuse('found something that is no regular file');
    if (stats.size > MOST_BYTES)
      throw refuse(`found ${(stats.size / 1e6).toFixed(1)} MB, and at most ${MOST_BYTES / 1e6} MB are read`);
    const bytes = Buffer.alloc(stats.size);
    const read = readSync(file, bytes, 0, bytes.length, 0);
    return bytes.subarray(0, read).toString('utf8');
  } finally {
    closeSync(file);
  }
}
