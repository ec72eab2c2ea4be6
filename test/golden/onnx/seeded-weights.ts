/** Makes the initializers of a graph that was committed without them, by the rules of test/reference/conformance/pack_sample.py. */
import assert from 'node:assert/strict';
import { fnv1a32 } from '../../../server/src/architectures/seeded';
import { uniform64 } from '../architectures/golden';

type Rule =
  /** A tensor of the state dict. */
  | { readonly name: string; readonly shape: readonly number[]; readonly transposed?: boolean }
  /** A convolution with the batch normalization behind it, folded: `shape` is the kernel's. */
  | {
      readonly conv: string;
      readonly norm: string;
      readonly epsilon: number;
      readonly bias: boolean;
      readonly part: 'weight' | 'bias';
      readonly shape: readonly number[];
    };

export interface Seeded {
  readonly rules: {
    readonly gain: number;
    readonly tables: string;
    readonly vectors: readonly (readonly [pattern: string, center: number, spread: number])[];
  };
  /** Values that do not follow from names: running statistics. */
  readonly own: Readonly<Record<string, readonly number[]>>;
  /** Of each exporter's file, in order. */
  readonly weights: Readonly<Record<string, readonly Rule[]>>;
}

const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1);

/** The same arithmetic as `of_name` in test/reference/conformance/weights.py. */
function ofName({ rules, own }: Seeded, name: string, shape: readonly number[]): Float32Array {
  const given = own[name];
  if (given !== undefined) return Float32Array.from(given);
  const values = uniform64(fnv1a32(name), product(shape));
  if (shape.filter((length) => length > 1).length >= 2) {
    const fanIn = new RegExp(rules.tables).test(name) ? (shape.at(-1) ?? 1) : product(shape.slice(1));
    const scale = Math.sqrt(rules.gain / fanIn);
    return Float32Array.from(values, (value) => value * scale);
  }
  const rule = rules.vectors.find(([pattern]) => new RegExp(pattern).test(name));
  assert.ok(rule, `no rule for ${name}`);
  const [, center, spread] = rule;
  return Float32Array.from(values, (value) => center + spread * value);
}

function folded(seeded: Seeded, rule: Extract<Rule, { conv: string }>): Float32Array {
  const { conv, norm, epsilon, bias, part, shape } = rule;
  const [channels = 0] = shape;
  const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
    ofName(seeded, `${norm}.${name}`, [channels]),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const scale = gamma.map((value, i) => value / Math.sqrt((variance[i] ?? 0) + epsilon));
  if (part === 'weight') {
    const size = product(shape) / channels;
    return ofName(seeded, `${conv}.weight`, shape).map((value, i) => value * (scale[Math.floor(i / size)] ?? 0));
  }
  const own = bias ? ofName(seeded, `${conv}.bias`, [channels]) : new Float32Array(channels);
  return beta.map((value, i) => value + ((own[i] ?? 0) - (mean[i] ?? 0)) * (scale[i] ?? 0));
}

function valuesOf(seeded: Seeded, rule: Rule): Float32Array {
  if ('conv' in rule) return folded(seeded, rule);
  const values = ofName(seeded, rule.name, rule.shape);
  if (rule.transposed !== true) return values;
  const [rows = 0, columns = 0] = rule.shape;
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
}

/** The file of weights that the graph refers to. */
export function weightsOf(seeded: Seeded, exporter: string): Buffer {
  const rules = seeded.weights[exporter] ?? [];
  return Buffer.concat(rules.map((rule) => new Uint8Array(valuesOf(seeded, rule).buffer)));
}
