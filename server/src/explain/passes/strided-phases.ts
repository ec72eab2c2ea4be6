/** Pass over the forward graph: the wide activation in front of a strided depthwise convolution is computed phase by phase. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import { phaseTaps, STRIDE, tapsOf } from './adjoint-phases';
import { affineOf, isConstantNorm } from './batch-normalization';
import { all, COMPUTED_WEIGHTS, geometryOf, isPointwise, UNKNOWN_GEOMETRY } from './convolution';
import type { GraphEditor } from './editor';
import type { GraphPass } from './pass';
import { replaced } from './pass';
import { sameDims } from '../../onnx/dims';

/** Row and column of the first position of each, in the order of SpaceToDepth. */
const PHASES = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/** Operators that work position by position, at most channel by channel, on their first input. */
const POSITIONWISE = new Set(['Sigmoid', 'Relu', 'LeakyRelu', 'HardSigmoid', 'HardSwish', 'Clip']);

/**
 * y_i = sum_k w_k a_(2i + k - p) reads `a` in four phases, its even and odd rows and columns, each with every second tap: a sum of
 * four convolutions with stride 1. If a comes from a narrow x by a 1x1 convolution and what works position by position, so does
 * each phase of a from the same phase of x. Then only x is cut into phases, and only its gradient, not that of the wide a, is
 * interleaved from four.
 */
export const stridedPhases: GraphPass = {
  name: 'strided-phases',
  stage: 'forward',
  layout: 'any',
  operators: ['Conv'],
  rewrite(conv, editor) {
    const geometry = geometryOf(editor, conv);
    const [wide = '', weights = '', bias] = conv.inputs;
    const [, channels = 0, ...size] = editor.shape(wide) ?? [];
    const output = editor.shape(conv.outputs[0])?.slice(2);
    if (geometry === undefined || output === undefined) return UNKNOWN_GEOMETRY;
    const { strides, dilations, group, kernel, pads } = geometry;
    const depthwise = group === channels && sameDims(editor.shape(weights)?.slice(0, 2), [channels, 1]);
    if (size.length !== 2 || !depthwise) return 'not depthwise over an image';
    if (!all(strides, STRIDE) || !all(dilations, 1)) return 'its stride is not 2, or it is dilated';
    if (kernel.some((k) => k < STRIDE)) return 'its kernel is smaller than its stride';
    if (![weights, bias ?? weights].every((name) => editor.isConstant(name))) return COMPUTED_WEIGHTS;
    const expansion = expansionOf(editor, wide, conv);
    if (expansion === undefined)
      return 'what it reads is not expanded by a 1x1 convolution from fewer channels, or is read elsewhere';
    const phases = PHASES.map((offsets) =>
      offsets.map((r, axis) =>
        phaseOf(r, kernel[axis] ?? 1, pads[axis] ?? 0, size[axis] ?? 1, output[axis] ?? 1),
      ),
    );
    if (phases.flat().some(({ read }) => read < 1)) return 'a phase of its input is never read';
    const [batch = 1, inputs = 1] = editor.shape(expansion.narrow) ?? [];
    const shape = { batch, inputs, size, phases, group };
    const norm = editor.soleConsumer(conv.outputs[0] ?? '', 'BatchNormalization');
    if (bias !== undefined || norm === undefined || !isConstantNorm(editor, norm))
      return replaced(conv, (emit) => phasesSummed(emit, expansion, shape, weights, bias));
    return replaced(norm, (emit) => {
      const { ratio, shift } = affineOf(emit, norm);
      const scaled = emit.mul(weights, emit.reshape(ratio, [channels, 1, 1, 1]));
      return phasesSummed(emit, expansion, shape, scaled, shift);
    });
  },
};

/** The nodes that make the wide tensor from the narrow one. */
interface Expansion {
  readonly narrow: string;
  readonly wide: string;
  /** In topological order. */
  readonly nodes: readonly Node[];
}

/**
 * The nodes from one 1x1 convolution of fewer channels to `wide`, of which nothing else is read: not by other nodes than
 * `reader`, and not as an output.
 */
function expansionOf(editor: GraphEditor, wide: string, reader: Node): Expansion | undefined {
  const nodes = new Set<Node>();
  const visit = (tensor: string): string | undefined => {
    const pointwise = editor.producer(tensor, 'Conv');
    if (pointwise !== undefined) {
      const geometry = geometryOf(editor, pointwise);
      const [narrow = '', ...parameters] = pointwise.inputs;
      const fixed = parameters.every((name) => editor.isConstant(name));
      if (geometry === undefined || !isPointwise(geometry) || !fixed) return undefined;
      nodes.add(pointwise);
      return narrow;
    }
    const node = positionwise(editor, tensor);
    if (node === undefined) return undefined;
    const sources = node.inputs.filter((name) => name !== '' && !editor.isConstant(name)).map(visit);
    nodes.add(node);
    return sources.every((source) => source === sources[0]) ? sources[0] : undefined;
  };
  const narrow = visit(wide);
  const few = editor.shape(narrow)?.[1];
  const many = editor.shape(wide)?.[1];
  if (narrow === undefined || few === undefined || many === undefined || few >= many) return undefined;
  const inner = [...nodes].every((node) =>
    node.outputs.every(
      (name) =>
        name === '' ||
        (!editor.isOutput(name) &&
          editor.consumers(name).every((user) => user === reader || nodes.has(user))),
    ),
  );
  return inner ? { narrow, wide, nodes: [...nodes] } : undefined;
}

function positionwise(editor: GraphEditor, tensor: string): Node | undefined {
  for (const opType of POSITIONWISE) {
    const node = editor.producer(tensor, opType);
    if (node !== undefined) return node;
  }
  const norm = editor.producer(tensor, 'BatchNormalization');
  if (norm !== undefined) return isConstantNorm(editor, norm) ? norm : undefined;
  const mul = editor.producer(tensor, 'Mul');
  const sameShape = mul?.inputs.every((name) => sameDims(editor.shape(name), editor.shape(tensor)));
  return sameShape === true ? mul : undefined;
}

interface Shape {
  readonly batch: number;
  /** Channels of the narrow tensor. */
  readonly inputs: number;
  /** Height and width of the wide tensor. */
  readonly size: readonly number[];
  /** By phase and axis. */
  readonly phases: readonly (readonly Phase[])[];
  readonly group: number;
}

function phasesSummed(
  emit: Emitter,
  expansion: Expansion,
  { batch, inputs, size, phases, group }: Shape,
  weights: string,
  bias?: string,
): string {
  const [oddHeight = 0, oddWidth = 0] = size.map((n) => n % STRIDE);
  const even = emit.pad(expansion.narrow, [0, 0, 0, 0, 0, 0, oddHeight, oddWidth]);
  const half = size.map((n) => Math.ceil(n / STRIDE));
  const blocks = spaceToDepth(emit, even, [batch, inputs, ...half]);
  const parts = emit.split(
    blocks,
    1,
    phases.map(() => inputs),
  );
  const terms = phases.map((axes, index) => {
    const phase = expand(emit, expansion, cropped(emit, parts[index] ?? '', axes, half));
    const taps = tapsOf(emit, weights, axes);
    return emit.op('Conv', [phase, taps, ...(index === 0 && bias !== undefined ? [bias] : [])], {
      kernel_shape: axes.map(({ taps: n }) => n),
      pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
      group,
    });
  });
  return terms.reduce((sum, term) => emit.add(sum, term));
}

/**
 * SpaceToDepth, for which WebGPU has no kernel (onnxruntime 1.30), in two moves of one axis each: the runtime moves one axis
 * faster than two at once.
 */
function spaceToDepth(emit: Emitter, x: string, [n = 1, c = 1, h = 1, w = 1]: readonly number[]): string {
  const columns = emit.reshape(x, [n, c * h * STRIDE, w, STRIDE]);
  const byColumn = emit.transpose(columns, [0, 3, 1, 2]);
  const rows = emit.reshape(byColumn, [n, STRIDE * c * h, STRIDE, w]);
  const byRow = emit.transpose(rows, [0, 2, 1, 3]);
  return emit.reshape(byRow, [n, STRIDE * STRIDE * c, h, w]);
}

/** How one phase of one axis is read: the taps `first, first + s, ...` of its first `read` positions, padded. */
interface Phase {
  readonly first: number;
  readonly taps: number;
  readonly read: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Phase r holds a_(s j + r), and output i reads with tap t position j = i + t - c. Positions that no output reads are cropped,
 * since Conv cannot pad by less than 0.
 */
function phaseOf(r: number, kernel: number, pad: number, size: number, output: number): Phase {
  const { first, taps, shift: before } = phaseTaps(r, kernel, pad);
  const count = Math.ceil((size - r) / STRIDE);
  const reach = output + taps - 1 - before;
  return { first, taps, read: Math.min(count, reach), before, after: Math.max(reach - count, 0) };
}

/** The part of a phase that is read. */
function cropped(emit: Emitter, phase: string, axes: readonly Phase[], size: readonly number[]): string {
  const read = axes.map((axis) => axis.read);
  return sameDims(read, size) ? phase : emit.slice(phase, [2, 3], [0, 0], read);
}

/** The expansion repeated on another narrow tensor. */
function expand(emit: Emitter, { narrow, wide, nodes }: Expansion, phase: string): string {
  const copies = new Map([[narrow, phase]]);
  for (const { opType, inputs, outputs, attributes } of nodes) {
    const sources = inputs.map((name) => copies.get(name) ?? name);
    copies.set(outputs[0] ?? '', emit.op(opType, sources, Object.fromEntries(attributes)));
  }
  return copies.get(wide) ?? wide;
}
