/** Reads a Conv or ConvTranspose node's geometry, with every attribute resolved. */
import { attribute } from '../../onnx/attributes';
import type { Node } from '../../onnx/model';
import type { GraphEditor } from './editor';

export interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All begins, then all ends. */
  readonly pads: readonly number[];
  readonly group: number;
  readonly outputPadding: readonly number[];
}

/** The geometry, or undefined where it depends on `auto_pad` or `output_shape`, or where the weights' shape is unknown. */
export function geometryOf(editor: GraphEditor, node: Node): Geometry | undefined {
  const kernel = editor.shape(node.inputs[1])?.slice(2);
  const auto = attribute(node, 'auto_pad', 'string') ?? 'NOTSET';
  if (kernel === undefined || auto !== 'NOTSET' || node.attributes.has('output_shape')) return undefined;
  return {
    kernel,
    strides: attribute(node, 'strides', 'ints') ?? kernel.map(() => 1),
    dilations: attribute(node, 'dilations', 'ints') ?? kernel.map(() => 1),
    pads: attribute(node, 'pads', 'ints') ?? kernel.flatMap(() => [0, 0]),
    group: attribute(node, 'group', 'int') ?? 1,
    outputPadding: attribute(node, 'output_padding', 'ints') ?? kernel.map(() => 0),
  };
}

/** 1x1, stride 1, no padding, one group: a matrix product over channels. */
export function isPointwise({ kernel, strides, pads, group }: Geometry): boolean {
  return group === 1 && [...kernel, ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
}

export const all = (list: readonly number[], value: number): boolean => list.every((n) => n === value);

/** Why passes leave a convolution unchanged. */
export const UNKNOWN_GEOMETRY = 'auto_pad, output_shape or unknown weights leave its geometry open';
export const COMPUTED_WEIGHTS = 'its weights are computed in every run';
