/** Conv and ConvTranspose: data (N, C, spatial...), weights (M, C / group, kernel...) or transposed (C, M / group, kernel...). */
import { at, show } from './axes';
import type { NodeView, ShapeRule } from './shape-rule';
import { convolutionCount, listOf, requireLeast, transposedSize, windowAxes } from './windows';

function operands(view: NodeView): { x: readonly number[]; w: readonly number[]; kernel: readonly number[] } {
  const x = view.input(0).dims;
  const w = view.input(1).dims;
  if (x.length < 3 || w.length !== x.length) {
    view.invalid('data (N, C, spatial...) and weights of the same rank', `${show(x)} and ${show(w)}`);
  }
  const kernel = view.ints('kernel_shape') ?? w.slice(2);
  if (show(kernel) !== show(w.slice(2))) view.invalid(`a kernel_shape of ${show(w.slice(2))}`, show(kernel));
  const group = view.int('group', 1);
  if (group < 1 || at(w, 0) % group !== 0)
    view.invalid(`groups that divide the ${at(w, 0)} channels of its weights`, `${group}`);
  return { x, w, kernel };
}

const conv: ShapeRule = {
  opType: 'Conv',
  infer: (view) => {
    const { x, w, kernel } = operands(view);
    const channels = at(w, 1) * view.int('group', 1);
    if (at(x, 1) !== channels) view.invalid(`${channels} input channels`, show(x));
    const spatial = windowAxes(view, x.slice(2), kernel).map((axis) => convolutionCount(view, axis));
    return [{ type: view.input(0).type, dims: [at(x, 0), at(w, 0), ...spatial] }];
  },
};

const convTranspose: ShapeRule = {
  opType: 'ConvTranspose',
  infer: (view) => {
    const { x, w, kernel } = operands(view);
    if (at(x, 1) !== at(w, 0)) view.invalid(`${at(w, 0)} input channels`, show(x));
    const axes = windowAxes(view, x.slice(2), kernel);
    const extra = listOf(view, 'output_padding', axes.length, 0);
    requireLeast(view, 'output_padding', extra, 0);
    const wanted = view.ints('output_shape')?.slice(-axes.length);
    if (wanted !== undefined && wanted.length !== axes.length)
      view.invalid(`${axes.length} entries in attribute "output_shape"`, `${wanted.length}`);
    const spatial = wanted ?? axes.map((axis, i) => transposedSize(view, axis, at(extra, i)));
    return [{ type: view.input(0).type, dims: [at(x, 0), at(w, 1) * view.int('group', 1), ...spatial] }];
  },
};

export const convolutionRules: readonly ShapeRule[] = [conv, convTranspose];
