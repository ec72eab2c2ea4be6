/** TensorFlow Lite files that are refused, each with what its message says, and the small models that they are changed from. */
import { MAX_TFLITE_BYTES } from '../../../server/src/checkpoints/tflite';
import type { ModelSpec } from './flatbuffer-writer';
import { floatBytes, intBytes } from './flatbuffer-writer';

const ADD = 0;
const CONCATENATION = 2;
export const CONV = 3;
const DEPTHWISE = 4;
const DEQUANTIZE = 6;
const MAX_POOL = 17;
const RELU = 19;
const RESHAPE = 22;
const RESIZE = 23;
const PAD = 34;

export const image = { name: 'image', dims: [1, 2, 2, 1] };
export const result = { name: 'result', dims: [1, 2, 2, 1] };
export const relu: ModelSpec = {
  tensors: [image, result],
  operators: [{ code: RELU, inputs: [0], outputs: [1] }],
};
const kernel = { name: 'kernel', dims: [1, 1, 1, 1], data: floatBytes([2]) };
export const conv = (
  options: NonNullable<ModelSpec['operators'][number]['options']>,
  code = CONV,
): ModelSpec => ({
  tensors: [image, kernel, result],
  operators: [{ code, inputs: [0, 1], outputs: [2], options }],
});

const two = { name: 'two', dims: [2], type: 2, data: intBytes([4, 4]) };
export const defects: [string, ModelSpec | Uint8Array, RegExp][] = [
  ['empty', new Uint8Array(), /header of 8 bytes lies outside the file, which has 0 \(byte 0\)/],
  ['another format', { ...relu, identifier: 'ONNX' }, /identifier should be "TFL3", it is "ONNX" \(byte 4\)/],
  ['too large', new Uint8Array(MAX_TFLITE_BYTES + 1), /it has 67108865 bytes, more than 67108864/],
  ['another version', { ...relu, version: 2 }, /schema version 3 expected, found 2/],
  ['two subgraphs', { ...relu, subgraphs: 2 }, /exactly one subgraph expected, found 2/],
  [
    'an unknown operator',
    { ...relu, operators: [{ code: 98, inputs: [0], outputs: [1] }] },
    /operator number 98 is not supported \(supported: ADD,/,
  ],
  [
    'a quantized tensor',
    { ...relu, tensors: [image, { ...result, type: 9 }] },
    /tensor "result" has type number 9; supported are float32/,
  ],
  [
    'a sparse tensor',
    { ...relu, tensors: [image, { ...result, sparse: true }] },
    /tensor "result" is stored sparsely/,
  ],
  [
    'a negative dimension',
    { ...relu, tensors: [image, { ...result, dims: [1, -2, 2, 1] }] },
    /has the shape \[1, -2, 2, 1\]/,
  ],
  [
    'a dimension beyond all memory',
    { ...relu, tensors: [image, { ...result, dims: [2 ** 30, 4] }] },
    /has the shape \[1073741824, 4\]/,
  ],
  [
    'nine dimensions',
    { ...relu, tensors: [image, { ...result, dims: Array<number>(9).fill(1) }] },
    /vector claims 9 elements, more than 8/,
  ],
  [
    'a constant of the wrong size',
    { ...relu, tensors: [image, { ...result, data: floatBytes([1]) }] },
    /"result" of shape \[1, 2, 2, 1\] \(float32\) needs 16 bytes, its buffer has 4/,
  ],
  [
    'a constant input',
    { ...relu, inputs: [1], tensors: [image, { ...result, data: floatBytes([1, 2, 3, 4]) }] },
    /input tensor 1 is not a float32 tensor/,
  ],
  ['an input that does not exist', { ...relu, inputs: [7] }, /input tensor 7/],
  ['no outputs', { ...relu, outputs: [] }, /no inputs or outputs/],
  ['an output never computed', { ...relu, operators: [] }, /output tensor 1 is never computed/],
  [
    'one output twice',
    { ...relu, outputs: [1, 1], tensors: [image, { ...result, name: 'tensor_1' }] },
    /two inputs or outputs are called "tensor_1"/,
  ],
  [
    'reading what is not there yet',
    { ...relu, operators: [{ code: RELU, inputs: [1], outputs: [1] }] },
    /operator 0 \(RELU\) reads tensor 1, which nothing has computed before it/,
  ],
  [
    'reading a tensor that does not exist',
    { ...conv([]), operators: [{ code: CONV, inputs: [0, 9], outputs: [2] }] },
    /reads tensor 9, which does not exist/,
  ],
  [
    'writing twice',
    { ...relu, operators: [relu.operators[0]!, relu.operators[0]!] },
    /operator 1 \(RELU\) writes tensor 1, which has been computed before/,
  ],
  [
    'two outputs of one operator',
    { ...relu, operators: [{ code: RELU, inputs: [0], outputs: [1, 0] }] },
    /needs exactly one output tensor/,
  ],
  [
    'a shape that differs from the declared one',
    { ...relu, tensors: [image, { ...result, dims: [1, 2, 3, 1] }] },
    /computes \[1, 2, 2, 1\], the file declares \[1, 2, 3, 1\]/,
  ],
  [
    'weights for other channels',
    { ...conv([]), tensors: [image, { ...kernel, dims: [1, 1, 1, 2], data: floatBytes([1, 2]) }, result] },
    /weights for 2 channels, its input has 1/,
  ],
  [
    'weights that are computed',
    { ...conv([]), tensors: [image, { name: 'kernel', dims: [1, 1, 1, 1] }, result] },
    /needs a constant float tensor of 4 dimensions as input 1/,
  ],
  [
    'depthwise weights for other channels',
    {
      ...conv([], DEPTHWISE),
      tensors: [image, { ...kernel, dims: [1, 1, 1, 2], data: floatBytes([1, 2]) }, result],
    },
    /weights for 2 channels, its input has 1/,
  ],
  [
    'a bias of the wrong length',
    {
      tensors: [image, kernel, { name: 'bias', dims: [2], data: floatBytes([1, 2]) }, result],
      operators: [{ code: CONV, inputs: [0, 1, 2], outputs: [3] }],
    },
    /bias of 2 values for 1 channels/,
  ],
  [
    'a fused activation',
    conv([{ u8: 0 }, { i32: 1 }, { i32: 1 }, { u8: 1 }]),
    /\(CONV_2D\) has fused activation 1; only 0 is supported/,
  ],
  [
    'a dilation',
    conv([{ u8: 0 }, { i32: 1 }, { i32: 1 }, { u8: 0 }, { i32: 2 }]),
    /has horizontal dilation 2; only 1/,
  ],
  ['a stride of 0', conv([{ u8: 0 }, { i32: 0 }, { i32: 1 }]), /has kernel 1x1 and strides 1x0/],
  [
    'a window larger than the image',
    {
      ...conv([{ u8: 1 }]),
      tensors: [image, { ...kernel, dims: [1, 3, 3, 1], data: floatBytes(Array<number>(9).fill(1)) }, result],
    },
    /slides a window of 3 over 2 pixels/,
  ],
  [
    'a pool of kernel 0',
    {
      ...relu,
      operators: [{ code: MAX_POOL, inputs: [0], outputs: [1], options: [null, null, null, { i32: 0 }] }],
    },
    /has kernel 1x0/,
  ],
  [
    'adding different shapes',
    {
      tensors: [image, { name: 'other', dims: [1, 1, 1, 1] }, result],
      inputs: [0, 1],
      operators: [{ code: ADD, inputs: [0, 1], outputs: [2] }],
    },
    /adds tensors of different shapes/,
  ],
  [
    'padding without amounts',
    { tensors: [image, two, result], operators: [{ code: PAD, inputs: [0, 1], outputs: [2] }] },
    /needs 8 constant integers as input 1/,
  ],
  [
    'negative padding',
    {
      tensors: [image, { ...two, dims: [4, 2], data: intBytes([0, 0, -1, 0, 0, 0, 0, 0]) }, result],
      operators: [{ code: PAD, inputs: [0, 1], outputs: [2] }],
    },
    /negative padding/,
  ],
  [
    'resizing by corners',
    {
      tensors: [image, two, { ...result, dims: [1, 4, 4, 1] }],
      operators: [
        { code: RESIZE, inputs: [0, 1], outputs: [2], options: [null, null, { u8: 1 }, { u8: 1 }] },
      ],
    },
    /has alignment of corners 1; only 0/,
  ],
  [
    'resizing without half-pixel centers',
    {
      tensors: [image, two, { ...result, dims: [1, 4, 4, 1] }],
      operators: [{ code: RESIZE, inputs: [0, 1], outputs: [2] }],
    },
    /has half-pixel centers 0; only 1/,
  ],
  [
    'reshaping to another count',
    { tensors: [image, { ...result, dims: [5] }], operators: [{ code: RESHAPE, inputs: [0], outputs: [1] }] },
    /turns \[1, 2, 2, 1\] into \[5\]/,
  ],
  [
    'reshaping a batch',
    {
      tensors: [
        { ...image, dims: [2, 2, 2, 1] },
        { ...result, dims: [8] },
      ],
      operators: [{ code: RESHAPE, inputs: [0], outputs: [1] }],
    },
    /expects an image \[1, height, width, channels\]/,
  ],
  [
    'joining images',
    {
      tensors: [image, { ...result, dims: [1, 2, 2, 2] }],
      operators: [{ code: CONCATENATION, inputs: [0, 0], outputs: [1], options: [{ i32: 3 }] }],
    },
    /joins \[1, 2, 2, 1\], \[1, 2, 2, 1\] along axis 3/,
  ],
  [
    'widening what is computed',
    { ...relu, operators: [{ code: DEQUANTIZE, inputs: [0], outputs: [1] }] },
    /widens something other than a constant/,
  ],
  [
    'one constant copied by many operators',
    {
      tensors: [
        { name: 'image', dims: [1, 64, 64, 16] },
        { name: 'kernel', dims: [16, 16, 16, 16], data: new Uint8Array(4 * 16 ** 4) },
        ...Array.from({ length: 9 }, (_, i) => ({ name: `t${i}`, dims: [1, 64, 64, 16] })),
      ],
      operators: Array.from({ length: 9 }, (_, i) => ({
        code: CONV,
        inputs: [i === 0 ? 0 : i + 1, 1],
        outputs: [i + 2],
      })),
    },
    /uses constants that others use too, many times over/,
  ],
];
