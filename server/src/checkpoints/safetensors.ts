/**
 * Reads safetensors: the length of a JSON header, the header, and the tensors' bytes, C-ordered and little-endian.
 * Source: the format section of the safetensors README (huggingface/safetensors).
 *
 * Rules: the header is at most 32 MiB (real ones are under 1 MiB), begins with "{" and has no key twice; every tensor
 * has a known dtype, a shape, and a byte range of just its size; the ranges cover the rest of the file exactly, without
 * overlaps or holes.
 */
import type { CheckpointParts } from './checkpoint';
import { dtypeBytes, dtypeNames } from './dtypes';
import type { Dtype } from './dtypes';
import { CheckpointError, quoted } from './error';
import type { Where } from './error';
import { unreadDtype } from './unread-dtype';
import { RangeSource } from './file';
import { countColons, countKeys } from './json-keys';
import type { ByteSource } from './file';
import { nameProblem } from './select';
import { WHOLE_FILE, within } from './state-dict-choice';
import { contiguousStrides, parameterCount } from './tensor';
import type { StoredTensor } from './tensor';

const maxHeaderBytes = 32 << 20;
const maxRank = 64;

const dtypes: ReadonlyMap<string, Dtype> = new Map([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['I16', 'int16'],
  ['I32', 'int32'],
  ['I64', 'int64'],
  ['BOOL', 'bool'],
]);

/** Dtypes of the format that are not read, as PyTorch calls them (safetensors, src/tensor.rs). */
const unread: ReadonlyMap<string, string> = new Map([
  ['F8_E4M3', 'float8_e4m3fn'],
  ['F8_E5M2', 'float8_e5m2'],
  ['F8_E8M0', 'float8_e8m0fnu'],
  ['F6_E2M3', 'float6_e2m3'],
  ['F6_E3M2', 'float6_e3m2'],
  ['F4', 'float4_e2m1fn_x2'],
  ['C64', 'complex64'],
  ['U16', 'uint16'],
  ['U32', 'uint32'],
  ['U64', 'uint64'],
]);

/** Whether the first bytes of a file look like a safetensors header: a plausible length, then "{". */
export function looksLikeSafetensors(head: Buffer): boolean {
  return head.length >= 9 && head[8] === 0x7b && head.readBigUInt64LE() < 2n ** 40n;
}

/** Reads and checks the header; tensors' contents stay in the file. */
export async function readSafetensors(
  source: ByteSource,
  path: string,
  signal: AbortSignal | undefined,
  location?: string,
): Promise<CheckpointParts> {
  const { where, size } = source;
  const length = Number((await source.read(0, 8)).readBigUInt64LE());
  if (length > maxHeaderBytes) {
    throw new CheckpointError(where, `has a header of ${length} bytes; at most ${maxHeaderBytes} are read`, {
      offset: 0,
      kind: 'too-large',
    });
  }
  if (8 + length > size) {
    throw new CheckpointError(
      where,
      `is cut short: its header ends at byte ${8 + length}, the file at ${size}`,
      {
        offset: size,
      },
    );
  }
  const header = parseHeader(await source.read(8, length), where);
  const dataStart = 8 + length;
  const tensors = new Map<string, StoredTensor>();
  const ranges: Range[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, start, end } = parseTensor(name, value, where);
    ranges.push({ name, start, end });
    tensors.set(name, {
      dtype,
      shape,
      strides: contiguousStrides(shape),
      offset: 0,
      open: () => Promise.resolve(new RangeSource(source, dataStart + start, end - start)),
      bigEndian: false,
    });
  }
  checkCoverage(ranges, size - dataStart, where);
  if (tensors.size === 0) throw new CheckpointError(where, 'holds no tensors; expected a state dict');
  return {
    format: 'safetensors',
    path,
    ...within(tensors, location, path),
    location: location === undefined || location === WHOLE_FILE ? '' : location,
    others: [],
    unknownNames: [],
    signal,
  };
}

function parseHeader(bytes: Buffer, where: Where): object {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CheckpointError(where, 'has a header that is not JSON', { offset: 8, cause: error });
  }
  if (!isObject(header))
    throw new CheckpointError(where, 'has a header that is not a JSON object', { offset: 8 });
  // JSON.parse keeps the last of two equal keys: then there are fewer keys than colons outside strings.
  if (countColons(bytes) !== countKeys(header)) {
    throw new CheckpointError(where, 'has a header with the same key twice', { offset: 8 });
  }
  return header;
}

interface Range {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

function parseTensor(
  name: string,
  value: unknown,
  where: Where,
): { dtype: Dtype; shape: number[]; start: number; end: number } {
  const bad = (problem: string): CheckpointError =>
    new CheckpointError(where, `has a tensor ${quoted(name)} that ${problem}`, { offset: 8 });
  const unusual = nameProblem(name);
  if (unusual !== null) throw bad(unusual);
  if (!isObject(value)) throw bad('is not described by a JSON object');
  const { dtype: code, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof code !== 'string') throw bad('has no dtype');
  const dtype = dtypes.get(code);
  const other = unread.get(code);
  if (!dtype && other !== undefined) throw unreadDtype(where, name, other, 8);
  if (!dtype) throw bad(`has dtype ${quoted(code, 20)}; expected one of ${dtypeNames.join(', ')}`);
  if (!isSizes(shape) || shape.length > maxRank) throw bad('has no shape of non-negative integers');
  if (!isSizes(offsets) || offsets.length !== 2) throw bad('has no pair of data offsets');
  const [start = 0, end = 0] = offsets;
  const expected = parameterCount(shape) * dtypeBytes[dtype];
  if (end - start !== expected) {
    throw bad(
      `has ${end - start} bytes; its shape (${shape.join(', ')}) and dtype ${dtype} need ${expected}`,
    );
  }
  return { dtype, shape, start, end };
}

/** Sorted by position, each range must start where the one before ends, and the last end with the file. */
function checkCoverage(ranges: readonly Range[], length: number, where: Where): void {
  const sorted = [...ranges].sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const range of sorted) {
    if (range.start !== end) {
      const what = range.start < end ? 'overlaps the one before it' : 'leaves a hole before it';
      throw new CheckpointError(
        where,
        `has a tensor ${quoted(range.name)} that ${what}, at data byte ${range.start}`,
      );
    }
    end = range.end;
  }
  if (end !== length) {
    throw new CheckpointError(where, `describes ${end} bytes of tensors but holds ${length}`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}
