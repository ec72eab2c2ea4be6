/** Pass: what a report reads of a layer, its maps and statistics, is read in the runtime's blocked layout. */
import type { Emitter } from '../../autodiff/emitter';
import { float32Tensor } from '../../onnx/builder';
import { sameDims } from '../../onnx/dims';
import type { Node } from '../../onnx/model';
import { BLOCKED_DOMAIN } from '../../runtime/blocked-layout';
import { geometryOf } from '../passes/convolution';
import type { GraphEditor } from '../passes/editor';
import type { GraphPass, Verdict } from '../passes/pass';
import { replaced } from '../passes/pass';

/**
 * A layer that convolutions leave in blocks was put into plain order for its maps and statistics alone. Its maps, rows of weights times the layer
 * (`explain/layer.ts`), are a 1x1 convolution with computed weights, which may have no more outputs than a block has channels. Its statistics are
 * added up over rows of any elements, so that blocks of whole channels are rows as well.
 * @param block channels in a block, of `channelBlock`
 */
export function blockedResults(block: number): GraphPass {
  const rules: Readonly<Record<string, (node: Node, editor: GraphEditor) => Verdict>> = {
    MatMul: (product, editor) => maps(editor, product, block),
    Reshape: (rows, editor) => statistics(editor, rows, block),
  };
  return {
    name: 'blocked-results',
    stage: 'whole',
    layout: 'blocked',
    operators: Object.keys(rules),
    rewrite: (node, editor) => rules[node.opType]?.(node, editor) ?? 'another operator',
  };
}

interface Image {
  readonly tensor: string;
  readonly channels: number;
  readonly size: readonly number[];
}

const NO_LAYER = 'reads no single image of whole blocks that convolutions compute';

/** The image whose planes, (1, C, P), a tensor holds. */
function imageOf(editor: GraphEditor, planes: string | undefined, block: number): Image | undefined {
  const [tensor = ''] = editor.producer(planes, 'Reshape')?.inputs ?? [];
  const [batch, channels = 0, ...size] = editor.shape(tensor) ?? [];
  const [height = 0, width = 0] = size;
  const isPlanes = sameDims(editor.shape(planes), [1, channels, height * width]);
  const fits = batch === 1 && size.length === 2 && height * width > 1 && channels % block === 0;
  return fits && isPlanes && inBlocks(editor, tensor) ? { tensor, channels, size } : undefined;
}

/** What keeps the layout of the convolution that it stands behind. */
const BEHIND = ['Relu', 'Clip', 'Add', 'Mul', 'Sigmoid', 'BatchNormalization'];

/** By graph and tensor: a chain of residual blocks has as many paths as two to the power of its length. */
const decided = new WeakMap<GraphEditor, Map<string, boolean>>();

/** Whether the runtime has a tensor in blocks: convolutions compute it, or all operands of its shape. */
function inBlocks(editor: GraphEditor, tensor: string): boolean {
  const known = decided.get(editor) ?? new Map<string, boolean>();
  decided.set(editor, known);
  const found = known.get(tensor) ?? computedInBlocks(editor, tensor);
  known.set(tensor, found);
  return found;
}

function computedInBlocks(editor: GraphEditor, tensor: string): boolean {
  const shape = editor.shape(tensor);
  const conv = editor.producer(tensor, 'Conv');
  if (conv !== undefined) {
    const group = geometryOf(editor, conv)?.group;
    return group === 1 || group === shape?.[1];
  }
  const behind = BEHIND.map((operator) => editor.producer(tensor, operator)).find(
    (node) => node !== undefined,
  );
  const whole = behind?.inputs.filter((input) => sameDims(editor.shape(input), shape)) ?? [];
  return whole.length > 0 && whole.every((input) => inBlocks(editor, input));
}

const reordered = (emit: Emitter, tensor: string): string =>
  emit.op('ReorderInput', [tensor], {}, 'ReorderInput', BLOCKED_DOMAIN);

function maps(editor: GraphEditor, product: Node, block: number): Verdict {
  const [weights = '', planes] = product.inputs;
  const rows = editor.producer(weights, 'Concat')?.inputs ?? [];
  const image = imageOf(editor, planes, block);
  if (image === undefined) return NO_LAYER;
  const { tensor, channels, size } = image;
  if (rows.length === 0 || rows.length > block)
    return 'multiplies no rows of weights, or more than fit a block';
  if (!rows.every((row) => sameDims(editor.shape(row), [1, 1, channels])))
    return 'a row of weights is not (1, 1, C)';
  return replaced(product, (emit) => {
    const columns = rows.map((row) => emit.reshape(row, [channels, 1]));
    const rest = emit.constant(
      `nothing/${channels}`,
      float32Tensor([channels, block - rows.length], new Float32Array(channels * (block - rows.length))),
    );
    const matrix = emit.concat(rows.length === block ? columns : [...columns, rest], 1);
    const inputs = [reordered(emit, tensor), emit.reshape(matrix, [block, channels, 1, 1])];
    const conv = emit.op('Conv', inputs, { kernel_shape: [1, 1], group: 1 }, 'Conv', BLOCKED_DOMAIN);
    const channelsOut = { channels: rows.length };
    const plain = emit.op('ReorderOutput', [conv], channelsOut, 'ReorderOutput', BLOCKED_DOMAIN);
    return emit.reshape(plain, [1, rows.length, size.reduce((a, b) => a * b, 1)]);
  });
}

const STATISTICS = ['Equal', 'ReduceMax', 'ReduceMin', 'Sub'];

function statistics(editor: GraphEditor, rows: Node, block: number): Verdict {
  const [planes] = rows.inputs;
  const [result = ''] = rows.outputs;
  const image = imageOf(editor, planes, block);
  if (image === undefined) return NO_LAYER;
  const readers = editor.consumers(result);
  const operators = readers.map(({ opType }) => opType).sort();
  const least = readers.find(({ opType }) => opType === 'ReduceMin')?.outputs[0] ?? '';
  const stats = editor.soleConsumer(least, 'Concat')?.outputs[0] ?? '';
  if (operators.join() !== STATISTICS.join() || !editor.isOutput(stats))
    return 'others than statistics read it';
  const shape = editor.shape(result);
  if (shape === undefined) return 'the shape is not known';
  return replaced(rows, (emit) => emit.reshape(reordered(emit, image.tensor), shape));
}
