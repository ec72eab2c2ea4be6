/** Reads golden files: numbers made outside this project by test/reference/ (PyTorch, OpenCV, PyWavelets), never by this code. */
//
// A golden `name` is test/golden/<name>.json, and for arrays also test/golden/<name>.bin.gz. The JSON then ends with an index:
//   "arrays": [{ "key", "type", "shape", "offset", "min"?, "step"?, ...notes }]
// The gzipped binary holds the arrays one after another from `offset` (bytes), little-endian, C order:
//   uint8, float32   the values themselves, exact
//   uint16           quantized: value = min + step * code; a stored value is within step / 2 of the true one
// A map's relative L2 error from quantisation is about step / (rms * sqrt(12)): below 1e-4 in these files.
// A missing or damaged golden throws: a test that cannot compare must fail.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = join(__dirname, '..', 'golden');
const bytesOf = { uint8: 1, uint16: 2, float32: 4 } as const;

interface IndexEntry {
  readonly key: string;
  readonly type: keyof typeof bytesOf;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly min?: number;
  readonly step?: number;
  /** Relative L2 distance between PyTorch's float32 and float64 values: how far rounding alone moves them. */
  readonly float64Difference?: number;
  /** Only every stride-th row and column is stored. */
  readonly stride?: number;
}

export interface GoldenArray extends IndexEntry {
  /** uint8 and float32: the exact values; uint16: dequantized. C order. */
  readonly data: ArrayLike<number>;
  /** The most a value can be off by storage alone; 0 for exact types. */
  readonly maxError: number;
}

/** Versions of the packages that made the numbers, e.g. `{ torch: '2.9.1' }`. */
export type MadeWith = Readonly<Record<string, string>>;

/** The path of a file below test/golden; throws if it is not there. */
export function goldenPath(relative: string): string {
  const path = join(folder, relative);
  if (!existsSync(path))
    throw new Error(
      `The golden file ${path} is missing. Restore it from git, or make it as test/reference/README.md says.`,
    );
  return path;
}

/** test/golden/<name>.json as the caller's type; throws if missing or not JSON. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller states the file's shape, as with JSON.parse
export function readGolden<T>(name: string): T & { readonly madeWith: MadeWith } {
  const path = goldenPath(`${name}.json`);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T & { readonly madeWith: MadeWith };
  } catch (cause) {
    throw new Error(`The golden file ${path} is not valid JSON.`, { cause });
  }
}

/** The arrays of test/golden/<name>, by key. Asking for a key that is not there throws, so no comparison is skipped. */
export class GoldenArrays {
  private readonly index: ReadonlyMap<string, IndexEntry>;
  private readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(private readonly name: string) {
    const { arrays } = readGolden<{ readonly arrays: readonly IndexEntry[] }>(name);
    this.index = new Map(arrays.map((entry) => [entry.key, entry]));
    this.bytes = Uint8Array.from(gunzipSync(readFileSync(goldenPath(`${name}.bin.gz`))));
  }

  get keys(): readonly string[] {
    return [...this.index.keys()];
  }

  get(key: string): GoldenArray {
    const entry = this.index.get(key);
    if (entry === undefined) throw new Error(`The golden ${this.name} has no array "${key}".`);
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const end = entry.offset + count * bytesOf[entry.type];
    if (end > this.bytes.length)
      throw new Error(
        `The golden ${this.name}.bin.gz is damaged: "${key}" ends at byte ${end} of ${this.bytes.length}.`,
      );
    const { buffer } = this.bytes;
    switch (entry.type) {
      case 'uint8':
        return { ...entry, data: new Uint8Array(buffer, entry.offset, count), maxError: 0 };
      case 'float32':
        return { ...entry, data: new Float32Array(buffer, entry.offset, count), maxError: 0 };
      case 'uint16': {
        const { min = 0, step = 0 } = entry;
        const codes = new Uint16Array(buffer, entry.offset, count);
        return { ...entry, data: Float64Array.from(codes, (code) => min + step * code), maxError: step / 2 };
      }
    }
  }
}

/** ||actual - expected|| / ||expected||; the plain norm of the difference where `expected` is all zero. */
export function relativeL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`Cannot compare ${actual.length} values with ${expected.length}.`);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i]!;
    difference += (actual[i]! - e) ** 2;
    norm += e * e;
  }
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
}

/** The largest |actual - expected|; NaN if any value is NaN. */
export function maxAbsoluteDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`Cannot compare ${actual.length} values with ${expected.length}.`);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(difference)) return NaN;
    if (difference > largest) largest = difference;
  }
  return largest;
}
