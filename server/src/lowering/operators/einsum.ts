/** Einsum as transpositions, sums and matrix products, one operand after the other. */
import type { Emitter } from '../../autodiff/emitter';
import type { Lowering, LoweringContext } from '../lowering';
import { permuted, product, reduced } from '../lowering';

/** A tensor whose axes have names. */
interface Term {
  readonly name: string;
  readonly labels: readonly string[];
}

interface Equation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const einsum: Lowering = {
  opType: 'Einsum',
  lower(ctx) {
    const { emit } = ctx;
    const { inputs, output } = equationOf(ctx);
    const sizes = sizesOf(ctx, inputs);
    const sizeOf = (label: string): number => sizes.get(label) ?? 1;
    const terms = inputs.map((labels, i) => prepared(ctx, i, labels, sizeOf));
    const [first, ...others] = terms;
    if (first === undefined) return ctx.refuse('it has no input');
    const joined = others.reduce((left, right, i) => {
      const later = new Set([...output, ...others.slice(i + 1).flatMap(({ labels }) => labels)]);
      return contracted(emit, left, right, later, sizeOf);
    }, first);
    const summed = withoutSummed(emit, joined, new Set(output), sizeOf);
    const missing = output.filter((label) => !summed.labels.includes(label));
    if (missing.some((label) => sizeOf(label) !== 1))
      return ctx.refuse('its output has an index that no input has');
    const all = [...missing, ...summed.labels];
    const whole = missing.length === 0 ? summed.name : emit.reshape(summed.name, all.map(sizeOf));
    return [
      permuted(
        emit,
        whole,
        output.map((label) => all.indexOf(label)),
      ),
    ];
  },
};

/** The axes of an ellipsis are numbered from the right, so that they broadcast. */
function equationOf(ctx: LoweringContext): Equation {
  const [left = '', right] = ctx.string('equation', '').replaceAll(' ', '').split('->');
  const inputs = left.split(',').map((text, i) => {
    const letters = text.replace('...', '').length;
    const extra = ctx.dims(i).length - letters;
    if (extra < 0 || (extra > 0 && !text.includes('...')))
      return ctx.refuse(`"${text}" does not name the ${ctx.dims(i).length} axes of its input ${i}`);
    return labelsOf(text, extra);
  });
  const most = Math.max(0, ...inputs.map((labels) => labels.filter((label) => label.length > 1).length));
  if (right !== undefined) return { inputs, output: labelsOf(right, most) };
  const letters = inputs.flat().filter((label) => label.length === 1);
  const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label)).sort();
  return { inputs, output: [...labelsOf('...', most), ...once] };
}

function labelsOf(text: string, extra: number): readonly string[] {
  const [before = '', after] = text.split('...');
  const axes = after === undefined ? [] : Array.from({ length: extra }, (_, i) => `axis ${extra - i}`);
  return [...Array.from(before), ...axes, ...Array.from(after ?? '')];
}

/** A size of 1 broadcasts. */
function sizesOf(ctx: LoweringContext, inputs: Equation['inputs']): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    ctx.dims(i).forEach((size, axis) => {
      const label = labels[axis] ?? '';
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && size !== known)
        ctx.refuse(`index "${label}" has the sizes ${known} and ${size}`);
      sizes.set(label, size === 1 ? known : size);
    });
  });
  return sizes;
}

/** An index that occurs twice in one operand takes its diagonal; an axis of size 1 that broadcasts is dropped. */
function prepared(
  ctx: LoweringContext,
  index: number,
  labels: readonly string[],
  sizeOf: (label: string) => number,
): Term {
  const { emit } = ctx;
  let term: Term = { name: ctx.input(index), labels };
  let dims = ctx.dims(index);
  for (;;) {
    const first = term.labels.findIndex((label, i) => term.labels.indexOf(label, i + 1) > 0);
    if (first < 0) break;
    const second = term.labels.indexOf(term.labels[first] ?? '', first + 1);
    const rest = term.labels.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
    const size = dims[first] ?? 1;
    const moved = permuted(emit, term.name, [...rest, first, second]);
    const sizes = rest.map((axis) => dims[axis] ?? 1);
    const flat = emit.reshape(moved, [...sizes, size * size]);
    const name = emit.slice(flat, [rest.length], [0], [size * size], [size + 1]);
    term = { name, labels: [...rest, first].map((axis) => term.labels[axis] ?? '') };
    dims = [...sizes, size];
  }
  const kept = term.labels.filter((label, axis) => dims[axis] === sizeOf(label));
  if (kept.length === term.labels.length) return term;
  return { name: emit.reshape(term.name, kept.map(sizeOf)), labels: kept };
}

/** Sums over indices that no later term has. */
function withoutSummed(
  emit: Emitter,
  { name, labels }: Term,
  needed: ReadonlySet<string>,
  sizeOf: (label: string) => number,
): Term {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  if (axes.length === 0) return { name, labels };
  const kept = labels.filter((label) => needed.has(label));
  return { name: emit.reshape(reduced(emit, 'ReduceSum', name, axes), kept.map(sizeOf)), labels: kept };
}

/** (batch, left, summed) times (batch, summed, right). */
function contracted(
  emit: Emitter,
  a: Term,
  b: Term,
  later: ReadonlySet<string>,
  sizeOf: (label: string) => number,
): Term {
  const left = withoutSummed(emit, a, new Set([...later, ...b.labels]), sizeOf);
  const right = withoutSummed(emit, b, new Set([...later, ...left.labels]), sizeOf);
  const both = left.labels.filter((label) => right.labels.includes(label));
  const batch = both.filter((label) => later.has(label));
  const summed = both.filter((label) => !later.has(label));
  const onlyLeft = left.labels.filter((label) => !both.includes(label));
  const onlyRight = right.labels.filter((label) => !both.includes(label));
  const count = (labels: readonly string[]): number => product(labels.map(sizeOf));
  const matrices = (term: Term, rows: readonly string[], columns: readonly string[]): string => {
    const order = [...batch, ...rows, ...columns].map((label) => term.labels.indexOf(label));
    return emit.reshape(permuted(emit, term.name, order), [count(batch), count(rows), count(columns)]);
  };
  const product3 = emit.op('MatMul', [matrices(left, onlyLeft, summed), matrices(right, summed, onlyRight)]);
  const labels = [...batch, ...onlyLeft, ...onlyRight];
  return { name: emit.reshape(product3, labels.map(sizeOf)), labels };
}

export const einsumLowerings: readonly Lowering[] = [einsum];
