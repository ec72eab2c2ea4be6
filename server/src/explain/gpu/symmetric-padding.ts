/** Pass: a ConvTranspose whose padding differs between its sides pads both alike and crops. */
import type { GraphPass } from '../passes';
import { geometryOf, UNKNOWN_GEOMETRY } from '../passes/convolution';
import { replaced } from '../passes/pass';

/** cuDNN knows one padding an axis: the runtime leaves others to the CPU, and copies the activations there and back (onnxruntime 1.30). */
export const symmetricPadding: GraphPass = {
  name: 'symmetric-padding',
  stage: 'whole',
  layout: 'any',
  operators: ['ConvTranspose'],
  rewrite(node, editor) {
    const geometry = geometryOf(editor, node);
    const output = editor.shape(node.outputs[0])?.slice(2);
    if (geometry === undefined || output === undefined) return UNKNOWN_GEOMETRY;
    const { pads, kernel } = geometry;
    const rank = kernel.length;
    const before = pads.slice(0, rank);
    const after = pads.slice(rank);
    const both = before.map((p, axis) => Math.min(p, after[axis] ?? 0));
    if (before.every((p, axis) => p === after[axis])) return 'both sides are padded alike';
    return replaced(node, (emit) => {
      const attributes = { ...Object.fromEntries(node.attributes), pads: [...both, ...both] };
      const starts = before.map((p, axis) => p - (both[axis] ?? 0));
      return emit.slice(
        emit.op('ConvTranspose', node.inputs, attributes),
        starts.map((_, axis) => axis + 2),
        starts,
        starts.map((start, axis) => start + (output[axis] ?? 0)),
      );
    });
  },
};
