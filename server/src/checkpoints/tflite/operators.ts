/**
 * What each TensorFlow Lite operator becomes in ONNX; one entry per operator, images held as NCHW. Options that no
 * supported model uses (fused activations, dilations, ...) are refused by name rather than carried along untested.
 */
import { int64Tensor } from '../../onnx/builder';
import type { Conversion, Operand } from './conversion';
import { fromNhwc, permute, toNhwc } from './layout';
import type { TfliteOpName } from './schema';
import { sameDims } from '../../onnx/dims';

type Convert = (c: Conversion) => void;

export const conversions: Readonly<Record<TfliteOpName, Convert>> = {
  /** Constants only: float16 weights, widened where they are used. */
  DEQUANTIZE: (c) => c.aliasConstant(),

  ADD: (c) => {
    const [a, b] = [c.value(0), c.value(1)];
    if (!sameDims(a.dims, b.dims)) throw c.error('adds tensors of different shapes');
    c.requireOption(0, 'byte', 0, 'fused activation');
    c.emit('Add', [a, b], {}, a.dims);
  },

  RELU: (c) => {
    const x = c.value(0);
    c.emit('Relu', [x], {}, x.dims);
  },

  CONV_2D: (c) => {
    const x = c.image(0);
    const weights = permute(c.constant(1, 4), [0, 3, 1, 2]); // OHWI -> OIHW
    const [outChannels = 0, inChannels = 0, kernelH = 0, kernelW = 0] = weights.dims;
    if (inChannels !== x.channels) {
      throw c.error(`has weights for ${inChannels} channels, its input has ${x.channels}`);
    }
    c.requireOption(3, 'byte', 0, 'fused activation');
    c.requireOption(4, 'int', 1, 'horizontal dilation');
    c.requireOption(5, 'int', 1, 'vertical dilation');
    const window = c.window(x, [kernelH, kernelW]);
    const inputs: Operand[] = [x, c.float32('weight', weights), ...c.bias(2, outChannels)];
    c.emit('Conv', inputs, window.attributes, [1, ...window.size, outChannels]);
  },

  DEPTHWISE_CONV_2D: (c) => {
    const x = c.image(0);
    const weights = permute(c.constant(1, 4), [3, 0, 1, 2]); // 1HWC -> C1HW
    const [channels = 0, one = 0, kernelH = 0, kernelW = 0] = weights.dims;
    if (one !== 1 || channels !== x.channels) {
      throw c.error(`has weights for ${channels} channels, its input has ${x.channels}`);
    }
    c.requireOption(4, 'byte', 0, 'fused activation');
    c.requireOption(5, 'int', 1, 'horizontal dilation');
    c.requireOption(6, 'int', 1, 'vertical dilation');
    const window = c.window(x, [kernelH, kernelW]);
    const inputs: Operand[] = [x, c.float32('weight', weights), ...c.bias(2, channels)];
    c.emit('Conv', inputs, { ...window.attributes, group: channels }, [1, ...window.size, channels]);
  },

  MAX_POOL_2D: (c) => {
    const x = c.image(0);
    c.requireOption(5, 'byte', 0, 'fused activation');
    const window = c.window(x, [c.option(4, 'int', 1), c.option(3, 'int', 1)]);
    c.emit('MaxPool', [x], window.attributes, [1, ...window.size, x.channels]);
  },

  PAD: (c) => {
    const x = c.image(0);
    const pairs = c.integers(1, 8); // [N, H, W, C] x [before, after]
    if (pairs.some((pad) => pad < 0)) throw c.error('has negative padding');
    const before = fromNhwc([0, 2, 4, 6].map((i) => pairs[i] ?? 0));
    const after = fromNhwc([1, 3, 5, 7].map((i) => pairs[i] ?? 0));
    const dims = x.dims.map((dim, i) => dim + (pairs[2 * i] ?? 0) + (pairs[2 * i + 1] ?? 0));
    c.emit('Pad', [x, c.operand('pads', int64Tensor([...before, ...after]))], {}, dims);
  },

  RESIZE_BILINEAR: (c) => {
    const x = c.image(0);
    const [height = 0, width = 0] = c.integers(1, 2);
    c.requireOption(2, 'byte', 0, 'alignment of corners');
    c.requireOption(3, 'byte', 1, 'half-pixel centers', 0);
    const sizes = c.operand('sizes', int64Tensor([1, x.channels, height, width]));
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    c.emit('Resize', [x, c.omitted, c.omitted, sizes], attributes, [1, height, width, x.channels]);
  },

  /** Rows of an image's pixels. The order of elements is the file's, so the image goes back to NHWC first. */
  RESHAPE: (c) => {
    const x = c.image(0);
    const dims = c.outputDims();
    if (dims.length === 4 || product(dims) !== product(x.dims)) {
      throw c.error(`turns [${x.dims.join(', ')}] into [${dims.join(', ')}]`);
    }
    const nhwc = c.intermediate('Transpose', [x], { perm: toNhwc([0, 1, 2, 3]) });
    c.emit('Reshape', [nhwc, c.operand('shape', int64Tensor(dims))], {}, dims);
  },

  CONCATENATION: (c) => {
    const parts = c.values();
    const first = parts[0]?.dims ?? [];
    const axis = c.option(0, 'int', 0);
    const alike = parts.every(
      ({ dims }) => dims.length === first.length && dims.every((dim, i) => i === axis || dim === first[i]),
    );
    // Images have their axes elsewhere here.
    if (axis < 0 || axis >= first.length || first.length === 4 || !alike) {
      throw c.error(`joins ${parts.map(({ dims }) => `[${dims.join(', ')}]`).join(', ')} along axis ${axis}`);
    }
    c.requireOption(1, 'byte', 0, 'fused activation');
    const joined = parts.reduce((sum, { dims }) => sum + (dims[axis] ?? 0), 0);
    c.emit(
      'Concat',
      parts,
      { axis },
      first.map((dim, i) => (i === axis ? joined : dim)),
    );
  },
};

const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);
