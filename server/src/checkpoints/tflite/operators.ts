/** What each TensorFlow Lite operator becomes in ONNX; one entry an operator, images held as NCHW. */
import { int64Tensor } from '../../onnx/builder';
import type { Conversion, Operand } from './conversion';
import { axisToNchw, fromNhwc, permute, toNhwc } from './layout';
import type { TfliteOpName } from './schema';

type Convert = (c: Conversion) => void;

export const conversions: Readonly<Record<TfliteOpName, Convert>> = {
  /** Constants only: float16 weights, widened where they are used. */
  DEQUANTIZE: (c) => c.aliasConstant(),

  ADD: (c) => {
    const [a, b] = [c.value(0), c.value(1)];
    if (a.dims.join() !== b.dims.join())
      throw c.error('adds tensors of different shapes, which is not supported');
    c.emit('Add', [a, b], {}, a.dims, c.activation(0));
  },

  RELU: (c) => {
    const x = c.value(0);
    c.emit('Relu', [x], {}, x.dims);
  },

  CONV_2D: (c) => {
    const x = c.image(0);
    const weights = permute(c.constant(1, 4), [0, 3, 1, 2]); // OHWI -> OIHW
    const [outChannels = 0, inChannels = 0, kernelH = 0, kernelW = 0] = weights.dims;
    if (inChannels !== x.channels)
      throw c.error(`has weights for ${inChannels} channels, its input has ${x.channels}`);
    const window = c.window(x, {
      kernel: [kernelH, kernelW],
      strides: [c.option(2, 1), c.option(1, 1)],
      dilations: [c.option(5, 1), c.option(4, 1)],
    });
    const inputs: Operand[] = [x, c.float32('weight', weights), ...c.bias(2, outChannels)];
    c.emit('Conv', inputs, window.attributes, [1, ...window.size, outChannels], c.activation(3));
  },

  DEPTHWISE_CONV_2D: (c) => {
    const x = c.image(0);
    const weights = permute(c.constant(1, 4), [3, 0, 1, 2]); // 1HWC -> C1HW
    const [outChannels = 0, one = 0, kernelH = 0, kernelW = 0] = weights.dims;
    if (one !== 1 || outChannels % x.channels !== 0) {
      throw c.error(`has weights for ${outChannels} channels, its input has ${x.channels}`);
    }
    const window = c.window(x, {
      kernel: [kernelH, kernelW],
      strides: [c.option(2, 1), c.option(1, 1)],
      dilations: [c.option(6, 1), c.option(5, 1)],
    });
    const inputs: Operand[] = [x, c.float32('weight', weights), ...c.bias(2, outChannels)];
    const attributes = { ...window.attributes, group: x.channels };
    c.emit('Conv', inputs, attributes, [1, ...window.size, outChannels], c.activation(4));
  },

  MAX_POOL_2D: (c) => {
    const x = c.image(0);
    const window = c.window(x, {
      kernel: [c.option(4, 1), c.option(3, 1)],
      strides: [c.option(2, 1), c.option(1, 1)],
      dilations: [1, 1],
    });
    c.emit('MaxPool', [x], window.attributes, [1, ...window.size, x.channels], c.activation(5));
  },

  PAD: (c) => {
    const x = c.image(0);
    const pairs = c.integers(1, 8); // [N, H, W, C] x [before, after]
    const before = fromNhwc([0, 2, 4, 6].map((i) => pairs[i] ?? 0));
    const after = fromNhwc([1, 3, 5, 7].map((i) => pairs[i] ?? 0));
    const pads = [...before, ...after];
    if (pads.some((pad) => pad < 0)) throw c.error('has negative padding');
    const dims = x.dims.map((dim, i) => dim + (pairs[2 * i] ?? 0) + (pairs[2 * i + 1] ?? 0));
    c.emit('Pad', [x, c.operand('pads', int64Tensor(pads))], {}, dims);
  },

  RESIZE_BILINEAR: (c) => {
    const x = c.image(0);
    const size = c.integers(1, 2);
    // The other two modes place the samples differently; no supported model uses them.
    if (c.option(2, 0, 'byte') !== 0 || c.option(3, 0, 'byte') === 0) {
      throw c.error('samples otherwise than at half-pixel centres, which is not supported');
    }
    const [height = 0, width = 0] = size;
    const sizes = c.operand('sizes', int64Tensor([1, x.channels, height, width]));
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    c.emit('Resize', [x, c.omitted, c.omitted, sizes], attributes, [1, height, width, x.channels]);
  },

  RESHAPE: (c) => {
    const x = c.value(0);
    const dims = c.outputDims();
    if (product(dims) !== product(x.dims)) {
      throw c.error(`cannot turn [${x.dims.join(', ')}] into [${dims.join(', ')}]`);
    }
    // The order of elements is the file's, so an image goes back to NHWC first.
    const rows = x.dims.length === 4 ? c.transpose(x, toNhwc([0, 1, 2, 3])) : x;
    if (dims.length !== 4) {
      c.emit('Reshape', [rows, c.operand('shape', int64Tensor(dims))], {}, dims);
      return;
    }
    const image = c.intermediate('Reshape', [rows, c.operand('shape', int64Tensor(dims))]);
    c.emit('Transpose', [image], { perm: [0, 3, 1, 2] }, dims);
  },

  CONCATENATION: (c) => {
    const parts = c.values();
    const rank = parts[0]?.dims.length ?? 0;
    const given = c.option(0, 0);
    const axis = given < 0 ? given + rank : given;
    const alike = parts.every(
      ({ dims }) => dims.length === rank && dims.every((dim, i) => i === axis || dim === parts[0]?.dims[i]),
    );
    if (axis < 0 || axis >= rank || !alike) throw c.error(`cannot join its inputs along axis ${given}`);
    const joined = parts.reduce((sum, { dims }) => sum + (dims[axis] ?? 0), 0);
    const dims = (parts[0]?.dims ?? []).map((dim, i) => (i === axis ? joined : dim));
    c.emit('Concat', parts, { axis: rank === 4 ? axisToNchw(axis) : axis }, dims, c.activation(1));
  },
};

const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);
