/** Recipes of operators that pick or place elements at positions, add up along an axis, mirror borders or multiply all they have. */
import { int64Tensor } from '../../../server/src/onnx/builder';
import type { Draft, Value } from './draft';

type Recipe = (draft: Draft) => void;

/** Positions within `dims`, one row of `depth` numbers for each of `count`; distinct where that is requested. */
function rows(
  d: Draft,
  dims: readonly number[],
  depth: number,
  count: number,
  distinct: boolean,
): readonly number[] {
  const seen = new Set<string>();
  const all: number[] = [];
  for (let tries = 0; all.length < count * depth && tries < 50; tries++) {
    const row = dims.slice(0, depth).map((size) => d.between(-size, size - 1));
    const key = row.map((at, axis) => (at + (dims[axis] ?? 1)) % (dims[axis] ?? 1)).join();
    if (distinct && seen.has(key)) continue;
    seen.add(key);
    all.push(...row);
  }
  return all;
}

const axisOf = (d: Draft, x: Value): number => d.between(-x.dims.length, x.dims.length - 1);
const sizeAt = (x: Value, axis: number): number => x.dims.at(axis) ?? 1;

const gatherElements: Recipe = (d) => {
  const x = d.any();
  const axis = axisOf(d, x);
  const count = x.dims.reduce((all, size) => all * size, 1);
  const indices = d.list(count, -sizeAt(x, axis), sizeAt(x, axis) - 1);
  d.node('GatherElements', [x.name, d.constant(int64Tensor(indices, x.dims))], { axis });
};

const gatherND: Recipe = (d) => {
  const x = d.ofRank(2, 3, 4);
  const depth = d.between(1, x.dims.length);
  const picks = rows(d, x.dims, depth, 3, false);
  d.node('GatherND', [x.name, d.constant(int64Tensor(picks, [picks.length / depth, depth]))]);
};

const scatterElements: Recipe = (d) => {
  const x = d.any();
  const axis = axisOf(d, x);
  const adds = d.chance(2);
  // One position along the axis: what is replaced is replaced once.
  const dims = adds
    ? x.dims
    : x.dims.map((size, i) => (i === (axis + x.dims.length) % x.dims.length ? 1 : size));
  const count = dims.reduce((all, size) => all * size, 1);
  const indices = d.list(count, -sizeAt(x, axis), sizeAt(x, axis) - 1);
  const inputs = [x.name, d.constant(int64Tensor(indices, dims)), d.parameter(dims)];
  d.node('ScatterElements', inputs, { axis, ...(adds ? { reduction: 'add' } : {}) });
};

const scatterND: Recipe = (d) => {
  const x = d.ofRank(2, 3, 4);
  const adds = d.chance(2);
  const depth = d.between(1, x.dims.length);
  const picks = rows(d, x.dims, depth, 3, !adds);
  const count = picks.length / depth;
  const updates = d.parameter([count, ...x.dims.slice(depth)]);
  const inputs = [x.name, d.constant(int64Tensor(picks, [count, depth])), updates];
  d.node('ScatterND', inputs, adds ? { reduction: 'add' } : {});
};

const topK: Recipe = (d) => {
  const x = d.any();
  const axis = axisOf(d, x);
  d.node('TopK', [x.name, d.ints(d.between(1, sizeAt(x, axis)))], { axis, largest: d.random.below(2) }, 2);
};

const cumSum: Recipe = (d) => {
  const x = d.any();
  const axis = d.constant(int64Tensor([axisOf(d, x)], []));
  d.node('CumSum', [x.name, axis], { exclusive: d.random.below(2), reverse: d.random.below(2) });
};

const trilu: Recipe = (d) => {
  const x = d.ofRank(2, 3, 4);
  const k = d.constant(int64Tensor([d.between(-2, 2)], []));
  d.node('Trilu', d.chance(2) ? [x.name] : [x.name, k], { upper: d.random.below(2) });
};

const borders =
  (mode: string): Recipe =>
  (d) => {
    const x = d.any();
    const most = (axis: number): number => Math.min(2, sizeAt(x, axis) - (mode === 'reflect' ? 1 : 0));
    const ends = [0, 1].flatMap(() => x.dims.map((_, axis) => d.between(0, Math.max(most(axis), 0))));
    d.node('Pad', [x.name, d.ints(...ends)], { mode });
  };

const product: Recipe = (d) => {
  const x = d.any();
  const axis = axisOf(d, x);
  const keepdims = d.random.below(2);
  if (d.opset >= 18) d.node('ReduceProd', [x.name, d.ints(axis)], { keepdims });
  else d.node('ReduceProd', [x.name], { axes: [axis], keepdims });
};

const within =
  (opType: string, low: number, high: number): Recipe =>
  (d) =>
    void d.node(opType, [d.within(d.any(), low, high).name]);

/** By name, some of which tell two forms of an operator apart: the oldest opset, and the recipe. */
export const placingRecipes: Readonly<Record<string, readonly [since: number, recipe: Recipe]>> = {
  GatherElements: [16, gatherElements],
  GatherND: [16, gatherND],
  ScatterElements: [16, scatterElements],
  ScatterND: [16, scatterND],
  TopK: [11, topK],
  CumSum: [11, cumSum],
  Trilu: [14, trilu],
  ReduceProd: [11, product],
  'Pad, reflect': [11, borders('reflect')],
  'Pad, edge': [11, borders('edge')],
  'Pad, wrap': [19, borders('wrap')],
  Tan: [11, within('Tan', -1, 1)],
  Asin: [11, within('Asin', -0.8, 0.8)],
  Acos: [11, within('Acos', -0.8, 0.8)],
  Atan: [11, within('Atan', -2, 2)],
  Sinh: [11, within('Sinh', -1, 1)],
  Cosh: [11, within('Cosh', -1, 1)],
  Asinh: [11, within('Asinh', -2, 2)],
  Acosh: [11, within('Acosh', 1.3, 3)],
  Atanh: [11, within('Atanh', -0.8, 0.8)],
};
