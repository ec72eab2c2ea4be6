/** The phases of a ConvTranspose with stride 2: each is a convolution of its input with stride 1 and every second tap. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import { at } from '../../autodiff/window';
import type { Geometry } from './convolution';
import { exchanged } from './stride-one-adjoint';

export const STRIDE = 2;

/** Where one phase of one axis reads: the taps `first, first + s, ...`, and how far the input is padded for them. */
export interface Phase {
  readonly first: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
}

/** The taps of phase r of a padded axis are k = first + s t with first = (r + p) mod s; `shift` is c = (r + p - first) / s. */
export function phaseTaps(r: number, kernel: number, pad: number) {
  const first = (r + pad) % STRIDE;
  return { first, taps: Math.ceil((kernel - first) / STRIDE), shift: (r + pad - first) / STRIDE };
}

/**
 * Phase r holds the outputs y = s q + r for q below `count`. Tap t reads input q + c - t: a correlation with the taps reversed,
 * padded by taps - 1 - c before.
 */
function phaseOf(r: number, kernel: number, pad: number, size: number, count: number): Phase {
  const { first, taps, shift } = phaseTaps(r, kernel, pad);
  const before = taps - 1 - shift;
  return { first, taps, before, after: count + taps - 1 - size - before };
}

/** By phase, row by row, and axis. */
export function phasesOf(
  { kernel, pads }: Geometry,
  size: readonly number[],
  output: readonly number[],
): readonly (readonly (readonly Phase[])[])[] {
  const counts = output.map((length) => Math.ceil(length / STRIDE));
  const rs = Array.from({ length: STRIDE }, (_, r) => r);
  const along = (axis: number, r: number): Phase =>
    phaseOf(r, at(kernel, axis), at(pads, axis), at(size, axis), at(counts, axis));
  return rs.map((row) => rs.map((column) => [along(0, row), along(1, column)]));
}

/** The taps of weights [.., .., kernel height, kernel width] that a phase has along each axis: every second one from the first. */
export function tapsOf(
  emit: Emitter,
  weights: string,
  axes: readonly Pick<Phase, 'first' | 'taps'>[],
): string {
  return emit.slice(
    weights,
    [2, 3],
    axes.map(({ first }) => first),
    axes.map(({ first, taps }) => first + STRIDE * (taps - 1) + 1),
    [STRIDE, STRIDE],
  );
}

/**
 * One phase of a ConvTranspose.
 * @param shape of its weights
 */
export function phaseConvolution(
  emit: Emitter,
  { inputs: [x = '', weights = ''] }: Node,
  shape: readonly number[],
  group: number,
  axes: readonly Phase[],
): string {
  const kernel = axes.map(({ taps }) => taps);
  const taps = tapsOf(emit, weights, axes);
  // A negative pad would crop, which Conv does not do: crop first.
  const begins = axes.map(({ before }) => before);
  const ends = axes.map(({ after }) => after);
  const crop = [0, 0, ...begins.map((p) => Math.min(p, 0)), 0, 0, ...ends.map((p) => Math.min(p, 0))];
  const flipped = exchanged(emit, taps, [...shape.slice(0, 2), ...kernel], group);
  return emit.op('Conv', [emit.pad(x, crop), flipped], {
    kernel_shape: kernel,
    pads: [...begins, ...ends].map((p) => Math.max(p, 0)),
    group,
  });
}
