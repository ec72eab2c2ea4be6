/** PyTorch's layers as ONNX nodes: each call names its parameters as the state dict does and tracks the shape. */
import { LensError } from '../errors';
import type { GraphBuilder } from '../onnx/builder';
import { float, float32Tensor } from '../onnx/builder';
import type { LayerForm } from '../layers/form';
import type { ConstantTensor } from '../onnx/model';
import { bytesOf, elementCount } from '../onnx/model';
import type { Padding } from './padding';
import { noPadding } from './padding';
import type { Shape } from './state-dict';
import { standardized } from './weight-standardization';

/** A tensor of shape (1, channels, height, width). */
export interface Feature {
  readonly tensor: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A tensor of shape (1, channels). */
export interface Vector {
  readonly tensor: string;
  readonly channels: number;
}

/** timm's `global_pool`. */
export type GlobalPool = 'avg' | 'max' | 'avgmax';

/** A layer that the report shows; `tensor` is its output in the graph. */
export interface ReportedLayer {
  readonly name: string;
  readonly tensor: string;
  /** (1,C,H,W), or (1,C) after the pooling; from ONNX files also (1,H,W,C) and tokens, (1,T,C). */
  readonly shape: readonly number[];
  /** How the axes are to be read, where the shape alone does not say. */
  readonly form?: LayerForm;
  /** `net.py:27`: where the network's source makes it. */
  readonly source?: string;
}

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly groups?: number;
  readonly padding: Padding;
  readonly bias?: boolean;
  /** Weight standardization, with this epsilon. */
  readonly standardize?: number;
  /** Name of the output tensor; the module path by default. */
  readonly as?: string;
}

export interface LinearOptions {
  readonly channels: number;
  readonly bias?: boolean;
  /** The weight is that of a 1x1 convolution: (channels, input channels, 1, 1). */
  readonly isConvolution?: boolean;
  /** Name of the output tensor; the module path by default. */
  readonly as?: string;
}

/** A matrix that makes one line of pixels into another. */
export interface LineMap {
  /** Of the line that it makes. */
  readonly length: number;
  /** One for each pixel of it. */
  rows(): readonly Float64Array[];
}

/** By name; `unread` where only names and shapes are wanted. */
export type Values = ReadonlyMap<string, Float32Array> | 'unread';

/** How a tensor of the file stands in the graph, where not as it is. */
export interface StoredAs {
  /** Another shape with as many elements. */
  readonly dims?: Shape;
  /** Other values with the same shape. */
  readonly change?: (values: Float32Array) => Float32Array;
}

/** Ends a walk whose network has more parameters than was asked for. */
export class TooManyParameters extends Error {}

/**
 * Walks a network. Without weights only its parameters are collected; with them they become initializers that
 * share the given arrays' memory. Of `unread` ones the graph has names and shapes, to be looked at only.
 */
export class NetworkBuilder {
  /** Parameters and buffers in the order of the forward pass. */
  readonly parameters = new Map<string, Shape>();
  /** Tensors that a file may hold and that inference does not use. */
  readonly unused = new Set<string>();
  readonly layers: ReportedLayer[] = [];

  constructor(
    /** For layers that are defined elsewhere (`activations.ts`). */
    readonly graph: GraphBuilder,
    private readonly weights: Values | null,
    /** Of parameters, where the walk is of no use with more. */
    private readonly most = Infinity,
  ) {}

  /** nn.Conv2d with a square kernel; the weight is (channels, input channels / groups, kernel, kernel). */
  conv(x: Feature, path: string, options: ConvOptions): Feature {
    const { channels, kernel, stride = 1, dilation = 1, groups = 1, padding, bias = false } = options;
    const { as = path, standardize } = options;
    const shape = [channels, x.channels / groups, kernel, kernel];
    const inputs = [x.tensor, this.parameter(`${path}.weight`, shape, inStandardForm(channels, standardize))];
    if (bias) inputs.push(this.parameter(`${path}.bias`, [channels]));
    const { top, left, bottom, right } = padding;
    const tensor = this.graph.node(
      'Conv',
      inputs,
      {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        ...(dilation === 1 ? {} : { dilations: [dilation, dilation] }),
        pads: [top, left, bottom, right],
        group: groups,
      },
      as,
    );
    const window = dilation * (kernel - 1) + 1;
    return {
      tensor,
      channels,
      height: slid(x.height + top + bottom, window, stride),
      width: slid(x.width + left + right, window, stride),
    };
  }

  /** nn.BatchNorm2d in inference mode: running statistics. */
  batchNorm(x: Feature, path: string, epsilon: number, as = path): Feature {
    const inputs = ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
      this.parameter(`${path}.${name}`, [x.channels]),
    );
    this.leaveUnused(`${path}.num_batches_tracked`);
    const attributes = { epsilon: float(epsilon) };
    return { ...x, tensor: this.graph.node('BatchNormalization', [x.tensor, ...inputs], attributes, as) };
  }

  relu<T extends Feature | Vector>(x: T, as = `${x.tensor}/relu`): T {
    return { ...x, tensor: this.graph.node('Relu', [x.tensor], {}, as) };
  }

  /** Swish, which PyTorch calls SiLU: x * sigmoid(x). */
  silu(x: Feature, as = `${x.tensor}/silu`): Feature {
    return { ...x, tensor: this.graph.node('Mul', [x.tensor, this.sigmoid(x).tensor], {}, as) };
  }

  sigmoid(x: Feature): Feature {
    return { ...x, tensor: this.graph.node('Sigmoid', [x.tensor], {}, `${x.tensor}/sigmoid`) };
  }

  add(a: Feature, b: Feature, as: string): Feature {
    return { ...a, tensor: this.graph.node('Add', [a.tensor, b.tensor], {}, as) };
  }

  /** x scaled per channel by gate(expand(activate(reduce(mean of x)))): squeeze and excitation, arXiv 1709.01507. */
  squeezeExcite(
    x: Feature,
    paths: { readonly reduce: string; readonly expand: string },
    squeezed: number,
    { activate = (y: Feature) => this.silu(y), gate = (y: Feature) => this.sigmoid(y) } = {},
  ): Feature {
    const pointwise = { kernel: 1, bias: true, padding: noPadding };
    const mean = this.globalAveragePool(x, `${x.tensor}/mean`);
    const small = activate(this.conv(mean, paths.reduce, { ...pointwise, channels: squeezed }));
    const wide = gate(this.conv(small, paths.expand, { ...pointwise, channels: x.channels }));
    return { ...x, tensor: this.graph.node('Mul', [x.tensor, wide.tensor], {}, `${x.tensor}/excited`) };
  }

  maxPool(x: Feature, kernel: number, stride: number, padding: number, as: string): Feature {
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    };
    return {
      tensor: this.graph.node('MaxPool', [x.tensor], attributes, as),
      channels: x.channels,
      height: slid(x.height + 2 * padding, kernel, stride),
      width: slid(x.width + 2 * padding, kernel, stride),
    };
  }

  /** nn.AvgPool2d(size): adjacent windows. A rest at the end is dropped, or with `ceil` averaged by itself. */
  averagePool(x: Feature, size: number, as: string, rest: 'floor' | 'ceil' = 'floor'): Feature {
    const ceil = rest === 'ceil';
    const attributes = {
      kernel_shape: [size, size],
      strides: [size, size],
      ...(ceil ? { ceil_mode: 1, count_include_pad: 0 } : {}),
    };
    const length = (side: number): number => (ceil ? Math.ceil(side / size) : slid(side, size, size));
    return {
      tensor: this.graph.node('AveragePool', [x.tensor], attributes, as),
      channels: x.channels,
      height: length(x.height),
      width: length(x.width),
    };
  }

  /** Each plane X becomes R X C^T. @param rows R as (output height, height) @param columns C as (output width, width) */
  separable(x: Feature, rows: LineMap, columns: LineMap, as: string): Feature {
    const matrix = (hint: string, values: () => readonly (readonly number[])[], dims: Shape): string =>
      this.graph.constant(hint, () => float32Tensor(dims, values().flat()));
    const transposed = (): readonly (readonly number[])[] => {
      const lines = columns.rows();
      return Array.from({ length: x.width }, (_, column) => lines.map((row) => row[column] ?? 0));
    };
    const right = matrix(`${as}/columns`, transposed, [x.width, columns.length]);
    const left = matrix(`${as}/rows`, () => rows.rows().map((row) => [...row]), [rows.length, x.height]);
    const across = this.graph.node('MatMul', [x.tensor, right], {}, `${as}/across`);
    const tensor = this.graph.node('MatMul', [left, across], {}, as);
    return { tensor, channels: x.channels, height: rows.length, width: columns.length };
  }

  /** Of the whole plane: the mean, the maximum, or half of their sum. */
  globalPool(x: Feature, kind: GlobalPool, as: string): Feature {
    if (kind === 'avg') return this.globalAveragePool(x, as);
    const max = kind === 'max' ? as : `${as}/max`;
    const pooled = { channels: x.channels, height: 1, width: 1 };
    const largest = this.graph.node('GlobalMaxPool', [x.tensor], {}, max);
    if (kind === 'max') return { ...pooled, tensor: largest };
    const mean = this.globalAveragePool(x, `${as}/avg`);
    const sum = this.graph.node('Add', [mean.tensor, largest], {}, `${as}/sum`);
    const half = this.graph.constant(`${as}/half`, () => float32Tensor([], [0.5]));
    return { ...pooled, tensor: this.graph.node('Mul', [sum, half], {}, as) };
  }

  globalAveragePool(x: Feature, as: string): Feature {
    const tensor = this.graph.node('GlobalAveragePool', [x.tensor], {}, as);
    return { tensor, channels: x.channels, height: 1, width: 1 };
  }

  /** (1,C,1,1) to (1,C). */
  flatten(x: Feature, as: string): Vector {
    const tensor = this.graph.node('Flatten', [x.tensor], { axis: 1 }, as);
    return { tensor, channels: x.channels * x.height * x.width };
  }

  /** nn.Linear; the weight is (channels, input channels). */
  linear(x: Vector, path: string, options: LinearOptions): Vector {
    const { channels, bias = true, isConvolution = false, as = path } = options;
    const dims = [channels, x.channels];
    const shape = isConvolution ? [...dims, 1, 1] : dims;
    const inputs = [x.tensor, this.parameter(`${path}.weight`, shape, { dims })];
    if (bias) inputs.push(this.parameter(`${path}.bias`, [channels]));
    return { tensor: this.graph.node('Gemm', inputs, { transB: 1 }, as), channels };
  }

  /** Lists the value as a layer of the report; returns it. */
  report<T extends Feature | Vector>(name: string, value: T): T {
    const spatial = 'height' in value ? [value.height, value.width] : [];
    this.layers.push({ name, tensor: value.tensor, shape: [1, value.channels, ...spatial] });
    return value;
  }

  /** A tensor that a file may hold and that inference does not use. */
  leaveUnused(name: string): void {
    this.unused.add(name);
  }

  /** A parameter for a layer that is defined elsewhere. @param shape its own, in the file */
  parameter(name: string, shape: Shape, { dims = shape, change }: StoredAs = {}): string {
    this.parameters.set(name, shape);
    if (this.parameters.size > this.most) throw new TooManyParameters();
    if (this.weights === 'unread') return this.graph.initializer(name, unread(dims));
    const values = this.weights?.get(name);
    if (values === undefined) return name;
    return this.graph.initializer(name, float32Tensor(dims, change === undefined ? values : change(values)));
  }
}

/** What lies in no memory and no file: reading it is an error, and gives no zeros. */
const unread = (dims: Shape): ConstantTensor => ({
  type: 'float32',
  dims,
  data: { location: '', offset: 0, length: bytesOf('float32', elementCount(dims)) },
});

const inStandardForm = (channels: number, epsilon: number | undefined): StoredAs =>
  epsilon === undefined ? {} : { change: (values) => standardized(values, channels, epsilon) };

/** Output length of a window of `kernel` that moves by `stride` over `length` (padding included). */
function slid(length: number, kernel: number, stride: number): number {
  const output = Math.floor((length - kernel) / stride) + 1;
  if (output >= 1) return output;
  throw new LensError(
    'usage',
    `The network's input is too small: a window ${kernel} pixels wide does not fit into ${length} pixels.`,
    {
      fix: 'Use a lens with a larger input.',
      remedies: ['choose-lens'],
    },
  );
}
