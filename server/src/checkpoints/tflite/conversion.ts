/** One operator's conversion: checked access to its inputs and options, and the ONNX nodes it becomes. */
import type { AttributeInput, GraphBuilder } from '../../onnx/builder';
import { dataTypes, type ConstantTensor } from '../../onnx/model';
import type { CheckpointError } from '../error';
import { tfliteError } from './flatbuffer';
import type { FloatConstant } from './layout';
import { asConstant, fromNhwc } from './layout';
import type { TfliteGraph, TfliteOperator, TfliteTensor } from './schema';
import { sameDims } from '../../onnx/dims';

/** A tensor that an ONNX node can take. */
export interface Operand {
  readonly name: string;
}

/** A computed tensor: `dims` as TensorFlow Lite sees it (images NHWC), `name` that of the ONNX tensor (images NCHW). */
export interface Value extends Operand {
  readonly dims: readonly number[];
}

export interface ImageValue extends Value {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What has been converted so far. */
export interface ConversionState {
  readonly graph: TfliteGraph;
  readonly builder: GraphBuilder;
  /** By tensor index. */
  readonly values: Map<number, Value>;
  /** Tensors that are a constant under another type: the outputs of DEQUANTIZE. */
  readonly constants: Map<number, TfliteTensor>;
  /** Bytes of constants that may still be copied: they can be shared, so a small file could ask for many copies. */
  copyBudget: number;
}

const MAX_STEP = 64;

export class Conversion {
  /** An optional input that is not given. */
  readonly omitted: Operand = { name: '' };

  constructor(
    private readonly state: ConversionState,
    private readonly operator: TfliteOperator,
    private readonly position: number,
  ) {}

  error(reason: string): CheckpointError {
    return tfliteError(this.state.graph.file, `operator ${this.position} (${this.operator.op}) ${reason}`);
  }

  /** A computed input. */
  value(input: number): Value {
    const index = this.operator.inputs[input] ?? -1;
    const value = this.state.values.get(index);
    if (value === undefined) throw this.error(`reads tensor ${index}, which nothing has computed before it`);
    return value;
  }

  values(): readonly Value[] {
    return this.operator.inputs.map((_, input) => this.value(input));
  }

  /** A computed input that is one image. */
  image(input: number): ImageValue {
    const value = this.value(input);
    const [batch, height = 0, width = 0, channels = 0] = value.dims;
    if (value.dims.length !== 4 || batch !== 1) {
      throw this.error(`expects an image [1, height, width, channels], found [${value.dims.join(', ')}]`);
    }
    return { ...value, height, width, channels };
  }

  /** A constant input of floats, as stored. */
  constant(input: number, rank: number): FloatConstant {
    const tensor = this.constantTensor(input);
    const { type, dims, data } = tensor;
    if (data === null || (type !== 'float32' && type !== 'float16') || dims.length !== rank) {
      throw this.error(`needs a constant float tensor of ${rank} dimensions as input ${input}`);
    }
    this.state.copyBudget -= data.byteLength;
    if (this.state.copyBudget < 0) throw this.error('uses constants that others use too, many times over');
    return { type, dims, data };
  }

  /** A constant input of exactly `count` 32-bit integers. */
  integers(input: number, count: number): readonly number[] {
    const { type, data } = this.constantTensor(input);
    if (data?.byteLength !== 4 * count || type !== 'int32') {
      throw this.error(`needs ${count} constant integers as input ${input}`);
    }
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
  }

  /** The bias, if there is one. */
  bias(input: number, channels: number): readonly Operand[] {
    if ((this.operator.inputs[input] ?? -1) < 0) return [];
    const bias = this.constant(input, 1);
    if (bias.dims[0] !== channels)
      throw this.error(`has a bias of ${bias.dims.join()} values for ${channels} channels`);
    return [this.float32('bias', bias)];
  }

  /** Makes the output another name of the constant input, for DEQUANTIZE. */
  aliasConstant(): void {
    const source = this.constantTensor(0);
    const output = this.outputTensor();
    if (source.data === null || !sameDims(source.dims, output.dims)) {
      throw this.error('widens something other than a constant of its own shape, which is not supported');
    }
    this.state.constants.set(this.operator.outputs[0] ?? -1, source);
  }

  /** A number of the options table, by its position in the schema. */
  option(field: number, type: 'int' | 'byte', otherwise: number): number {
    const { options } = this.operator;
    if (options === null) return otherwise;
    return type === 'int' ? options.int32(field, otherwise) : options.byte(field, otherwise);
  }

  /** Refuses every value of an option but one. `otherwise` is what an absent option means, if not that. */
  requireOption(
    field: number,
    type: 'int' | 'byte',
    expected: number,
    what: string,
    otherwise: number = expected,
  ): void {
    const found = this.option(field, type, otherwise);
    if (found !== expected) throw this.error(`has ${what} ${found}; only ${expected} is supported`);
  }

  /**
   * TensorFlow's padding (option 0 of every windowed operator; 1 and 2 are the horizontal and the vertical stride):
   * 'same' gives ceil(side/stride) positions and pads floor(total/2) before, the rest after; 'valid' pads nothing.
   * `kernel` and `size` are [height, width].
   */
  window(image: ImageValue, kernel: readonly [number, number]) {
    const same = this.option(0, 'byte', 0) === 0;
    const strides = [this.option(2, 'int', 1), this.option(1, 'int', 1)];
    if ([...kernel, ...strides].some((n) => n < 1 || n > MAX_STEP)) {
      throw this.error(`has kernel ${kernel.join('x')} and strides ${strides.join('x')}`);
    }
    const sides = [image.height, image.width].map((side, i) => {
      const [length = 1, stride = 1] = [kernel[i], strides[i]];
      const size = same ? Math.ceil(side / stride) : Math.floor((side - length) / stride) + 1;
      if (size < 1) throw this.error(`slides a window of ${length} over ${side} pixels`);
      const total = same ? Math.max((size - 1) * stride + length - side, 0) : 0;
      const before = Math.floor(total / 2);
      return { size, before, after: total - before };
    });
    const attributes: Record<string, AttributeInput> = {
      kernel_shape: kernel,
      strides,
      pads: [...sides.map(({ before }) => before), ...sides.map(({ after }) => after)],
    };
    return { size: sides.map(({ size }) => size), attributes };
  }

  /** The shape that the file declares for the output. */
  outputDims(): readonly number[] {
    return this.outputTensor().dims;
  }

  /** A float constant for an ONNX node; float16 is stored as such and widened when the session is made. */
  float32(hint: string, constant: FloatConstant): Operand {
    const stored = this.operand(hint, asConstant(constant));
    if (constant.type === 'float32') return stored;
    const { builder } = this.state;
    return { name: builder.node('Cast', [stored.name], { to: dataTypes.float32 }, `${stored.name}.float32`) };
  }

  operand(hint: string, tensor: ConstantTensor): Operand {
    return { name: this.state.builder.constant(internalName(hint), tensor) };
  }

  /** A node whose result stays inside this operator. */
  intermediate(
    opType: string,
    inputs: readonly Operand[],
    attributes: Readonly<Record<string, AttributeInput>>,
  ): Operand {
    const output = internalName(`${this.operator.outputs[0] ?? ''}.${opType}`);
    return { name: this.state.builder.node(opType, names(inputs), attributes, output) };
  }

  /** The node that computes the operator's output, whose shape must be the one that the file declares. */
  emit(
    opType: string,
    inputs: readonly Operand[],
    attributes: Readonly<Record<string, AttributeInput>>,
    dims: readonly number[],
  ): void {
    const { builder, values } = this.state;
    const declared = this.outputDims();
    if (!sameDims(declared, dims)) {
      throw this.error(`computes [${dims.join(', ')}], the file declares [${declared.join(', ')}]`);
    }
    const index = this.operator.outputs[0] ?? -1;
    const output = internalName(index);
    builder.node(opType, names(inputs), attributes, output);
    values.set(index, { name: output, dims });
  }

  private constantTensor(input: number): TfliteTensor {
    const index = this.operator.inputs[input] ?? -1;
    const tensor = this.state.constants.get(index) ?? this.state.graph.tensors[index];
    if (tensor === undefined) throw this.error(`reads tensor ${index}, which does not exist`);
    return tensor;
  }

  private outputTensor(): TfliteTensor {
    const { outputs } = this.operator;
    const index = outputs[0] ?? -1;
    const tensor = this.state.graph.tensors[index];
    if (tensor === undefined || outputs.length !== 1) throw this.error('needs exactly one output tensor');
    if (tensor.type !== 'float32') throw this.error(`computes ${tensor.type}; only float32 is supported`);
    if (tensor.data !== null) throw this.error('writes to a constant');
    if (this.state.values.has(index))
      throw this.error(`writes tensor ${index}, which has been computed before`);
    return tensor;
  }
}

/** Names inside the graph start with '#', so that no input or output of the file can have one. */
const internalName = (hint: string | number): string => `#${hint}`;

const names = (operands: readonly Operand[]): readonly string[] => operands.map(({ name }) => name);

/** The NCHW shape of an NHWC image; other shapes as they are. */
export function onnxDims(dims: readonly number[]): readonly number[] {
  return dims.length === 4 ? fromNhwc(dims) : dims;
}
