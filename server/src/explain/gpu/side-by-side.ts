/** Tensors that one chain of operators computes together: joined before it, split behind it. */
import type { Emitter } from '../../autodiff/emitter';

type Shape = readonly number[];

/** Values for each channel, (N, C, 1, 1): joined along the channels, of which each may have another number; others along the batch. */
const isPerChannel = ([, , ...positions]: Shape): boolean => positions.every((size) => size === 1);

const axisOf = (shape: Shape): number => (shape.length > 1 && isPerChannel(shape) ? 1 : 0);

/** Equal for tensors that can be joined. */
export const joinedAs = (shape: Shape): string =>
  JSON.stringify(axisOf(shape) === 1 ? [shape[0], 'C', ...shape.slice(2)] : shape);

/**
 * @param tensors of shapes that are `joinedAs` one another
 * @param chain computes from a tensor one of the same shape, each element from its own
 */
export function sideBySide(
  emit: Emitter,
  tensors: readonly { readonly tensor: string; readonly shape: Shape }[],
  chain: (joined: string) => string,
): readonly string[] {
  const [first] = tensors;
  if (first === undefined) return [];
  if (tensors.length === 1) return [chain(first.tensor)];
  const axis = axisOf(first.shape);
  const names = tensors.map(({ tensor }) => tensor);
  const sizes = tensors.map(({ shape }) => shape[axis] ?? 1);
  return emit.split(chain(emit.concat(names, axis)), axis, sizes);
}
