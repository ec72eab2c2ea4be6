/** Reads the goldens that test/reference/architectures writes, and puts the checkpoints they came with together again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import type { Shape, Shapes } from '../../../server/src/architectures/state-dict';

/** Another folder holds the goldens and whole checkpoints of a full-size run (see test/reference/architectures/README.md). */
export const goldenFolder = process.env['LENS_ARCHITECTURE_GOLDENS'] ?? __dirname;

/** Of a matrix's or a kernel's values; `pattern` is for the whole name, and the first that matches counts. */
type GainRule = readonly [pattern: string, gain: number];
/** Of a vector's values. */
type VectorRule = readonly [pattern: string, center: number, spread: number];

/** How the reference made every tensor of a network. */
export interface TensorRules {
  readonly gains: readonly GainRule[];
  readonly vectors: readonly VectorRule[];
}

/** One network's results in PyTorch. */
export interface Golden extends TensorRules {
  readonly id: string;
  readonly classes: number;
  readonly inputSize: number;
  /** File names of checkpoints, or of their skeletons. */
  readonly containers: readonly string[];
  /** Index of the largest logit. */
  readonly target: number;
  readonly logits: readonly number[];
  /** Name, shape, mean and population std of every reported layer's activation. */
  readonly layers: readonly (readonly [name: string, shape: Shape, mean: number, std: number])[];
  readonly cams: readonly GoldenCam[];
}

/** A raw Grad-CAM map after its ReLU, before any scaling. */
export interface GoldenCam {
  readonly layer: string;
  /** L2 norm of the whole map. */
  readonly norm: number;
  /** Means over a grid of at most 16x16 cells. */
  readonly cells: readonly number[];
}

/** Every golden of the folder; there must be some. */
export function readGoldens(): readonly Golden[] {
  const files = readdirSync(goldenFolder).filter((file) => file.includes('__') && file.endsWith('.json'));
  assert.ok(files.length > 0, `no goldens in ${goldenFolder}`);
  return files.sort().map((file) => JSON.parse(readFileSync(join(goldenFolder, file), 'utf8')) as Golden);
}

export function readGolden(id: string): Golden {
  const golden = readGoldens().find((each) => each.id === id);
  assert.ok(golden, `no golden for ${id} in ${goldenFolder}`);
  return golden;
}

/** (1,3,size,size), uniform in [-1,1). */
export function goldenImage(size: number): Float32Array {
  return fillUniform(new Float32Array(3 * size * size), fnv1a32('image'), 1);
}

/** The tensor that the reference gave to a name. */
export function goldenTensor(golden: TensorRules, name: string, shape: Shape): Float32Array {
  const seed = fnv1a32(name);
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  if (shape.length >= 2) {
    const [, gain] = firstMatch(golden.gains, name);
    return fillUniform(values, seed, Math.sqrt(gain / (values.length / shape[0]!)));
  }
  const [, center, spread] = firstMatch(golden.vectors, name);
  // center + spread * uniform in float64, rounded once: a float32 in between would differ from NumPy.
  uniform64(seed, values.length).forEach((value, i) => (values[i] = center + spread * value));
  return values;
}

function firstMatch<R extends readonly [string, ...unknown[]]>(rules: readonly R[], name: string): R {
  const rule = rules.find(([pattern]) => new RegExp(`^(?:${pattern})$`).test(name));
  assert.ok(rule, `no rule for ${name}`);
  return rule;
}

export function uniform64(seed: number, count: number): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let t = (seed + (i + 1) * 0x6d2b79f5) >>> 0;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    values[i] = 2 * (((t ^ (t >>> 14)) >>> 0) / 4294967296) - 1;
  }
  return values;
}

interface Skeleton {
  readonly sha256: string;
  /** Lengths of literal bytes, and between them the names of the tensors that stand there. */
  readonly parts: readonly (number | string)[];
}

/**
 * Restores a checkpoint into `folder` and returns its path. The result is the file that the Python library wrote, byte
 * for byte: its SHA-256 is checked.
 */
export function restoreCheckpoint(
  golden: TensorRules,
  container: string,
  shapes: Shapes,
  folder: string,
  goldens = goldenFolder,
): string {
  const packed = gunzipSync(readFileSync(join(goldens, container)));
  const headerEnd = 4 + packed.readUInt32LE(0);
  const skeleton = JSON.parse(packed.toString('utf8', 4, headerEnd)) as Skeleton;
  const pieces: Uint8Array[] = [];
  let position = headerEnd;
  for (const part of skeleton.parts) {
    if (typeof part === 'number') pieces.push(packed.subarray(position, (position += part)));
    else {
      const shape = shapes.get(part);
      assert.ok(shape, `${container} holds ${part}, which the architecture does not have`);
      pieces.push(new Uint8Array(goldenTensor(golden, part, shape).buffer));
    }
  }
  const content = Buffer.concat(pieces);
  assert.equal(createHash('sha256').update(content).digest('hex'), skeleton.sha256, container);
  const path = join(folder, basename(container, '.skeleton.gz'));
  writeFileSync(path, content);
  return path;
}
