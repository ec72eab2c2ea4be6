/** Seeded demo weights: every value follows from its state-dict name and shape (models/seeded-weights.md). */
import { LensError } from '../errors';
import type { Shape, Shapes, StateDict } from './state-dict';

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;
/** mulberry32's step: the n-th state is seed + n * weyl, modulo 2^32. */
const weyl = 0x6d2b79f5;

/** Names the rule below; it changes whenever a value would. */
export const SEEDED_RULE = 'seeded-1';

const defaultGain = 6;
/** By the end of the name: what keeps an untrained EfficientNet's activations between 1e-3 and 1e3, and not linear. */
const gains: readonly (readonly [suffix: string, gain: number])[] = [
  ['_conv_stem.weight', 1],
  ['_depthwise_conv.weight', 8],
  ['_project_conv.weight', 8],
  ['_se_expand.weight', 100],
  ['_conv_head.weight', 3000],
];

/** FNV-1a, 32 bits, over the UTF-8 bytes; unsigned. */
export function fnv1a32(text: string): number {
  let state = fnvOffset;
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, fnvPrime);
  return state >>> 0;
}

/** Fills `out` with (2u - 1) * scale, u in [0,1) from mulberry32; float64 arithmetic, rounded once. */
export function fillUniform(out: Float32Array, seed: number, scale: number): Float32Array {
  let state = seed | 0;
  for (let i = 0; i < out.length; i++) {
    state = (state + weyl) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    const u = ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    out[i] = (2 * u - 1) * scale;
  }
  return out;
}

/**
 * One parameter or buffer: matrices and kernels are uniform with variance gain / (3 fan-in), normalizations start as
 * the identity (weight and running variance 1, bias and running mean 0), other biases at 0.
 */
export function seededTensor(name: string, shape: Shape): Float32Array {
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  if (shape.length >= 2) {
    const fanIn = values.length / (shape[0] ?? 1);
    return fillUniform(values, fnv1a32(name), Math.sqrt(gainOf(name) / fanIn));
  }
  const ones = name.endsWith('.weight') || name.endsWith('.running_var');
  return ones ? values.fill(1) : values;
}

/** A state dict of seeded tensors, each made when it is read. */
export function seededStateDict(shapes: Shapes): StateDict {
  const shape = (name: string): Shape => {
    const found = shapes.get(name);
    if (found === undefined)
      throw new LensError('internal', `The seeded state dict has no tensor named "${name}".`);
    return found;
  };
  return {
    has: (name) => shapes.has(name),
    shape,
    names: () => shapes.keys(),
    float32: (name) => Promise.resolve(seededTensor(name, shape(name))),
  };
}

function gainOf(name: string): number {
  return gains.find(([suffix]) => name.endsWith(suffix))?.[1] ?? defaultGain;
}
