/** Builds a graph node by node; names are unique by construction, so a reported layer is a named tensor. */
import type { Attribute, ConstantTensor, DataType, Dimension, Graph, Model, Node, ValueInfo } from './model';
import { TakenNames } from './names';

/** A bare number is an int attribute and a bare array is ints: floats must be marked as such. */
export type AttributeInput = number | string | readonly number[] | Attribute;

export const float = (value: number): Attribute => ({ kind: 'float', value });
export const floats = (value: readonly number[]): Attribute => ({ kind: 'floats', value });

export const float32Tensor = (
  dims: readonly number[],
  values: Float32Array | readonly number[],
): ConstantTensor => {
  const data = values instanceof Float32Array ? values : Float32Array.from(values);
  return { type: 'float32', dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
};

export const int64Tensor = (
  values: readonly number[],
  dims: readonly number[] = [values.length],
): ConstantTensor => ({
  type: 'int64',
  dims,
  data: new Uint8Array(BigInt64Array.from(values, (v) => BigInt(v)).buffer),
});

/** The opset that this project's own graphs use: 17 is understood by every runtime since 2022. */
export const OPSET = 17;
export const IR_VERSION = 8;

export class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: ValueInfo[] = [];
  private readonly initializers = new Map<string, ConstantTensor>();
  private readonly taken = new TakenNames();

  constructor(private readonly name: string) {}

  /** A name not used so far: `wanted`, or `wanted_1`, `wanted_2`, ... */
  unique(wanted: string): string {
    return this.taken.take(wanted);
  }

  input(name: string, type: DataType, dims: readonly Dimension[] | null): string {
    const unique = this.claim(name);
    this.inputs.push({ name: unique, type, dims });
    return unique;
  }

  initializer(name: string, tensor: ConstantTensor): string {
    const unique = this.claim(name);
    this.initializers.set(unique, tensor);
    return unique;
  }

  /** A small constant with a generated name; given as a function, it is computed only for a graph that is kept. */
  constant(hint: string, tensor: ConstantTensor | (() => ConstantTensor)): string {
    return this.initializer(this.free(hint), typeof tensor === 'function' ? tensor() : tensor);
  }

  /** Adds a node with one output and returns the output's name; `output` sets that name, else it is generated. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    output?: string,
    domain = '',
  ): string {
    const outputs = [output ?? this.free(opType.toLowerCase())];
    const [name] = this.nodeWithOutputs(opType, inputs, attributes, outputs, domain);
    return name as string;
  }

  /** Adds a node whose outputs have exactly these (new) names; '' omits an optional one. */
  nodeWithOutputs(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>>,
    outputs: readonly string[],
    domain = '',
  ): readonly string[] {
    const named = outputs.map((output) => (output === '' ? '' : this.claim(output)));
    this.nodes.push({
      opType,
      domain,
      name: `${opType}:${named.find((n) => n !== '') ?? ''}`,
      inputs,
      outputs: named,
      attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, toAttribute(value)])),
    });
    return named;
  }

  /** Copies a node of an existing graph unchanged. */
  append(node: Node): void {
    for (const output of node.outputs) if (output !== '') this.claim(output);
    this.nodes.push(node);
  }

  output(name: string, type: DataType, dims: readonly Dimension[] | null): void {
    this.outputs.push({ name, type, dims });
  }

  graph(): Graph {
    return {
      name: this.name,
      nodes: this.nodes,
      inputs: this.inputs,
      outputs: this.outputs,
      initializers: this.initializers,
    };
  }

  model(metadata: Readonly<Record<string, string>> = {}, opset: number = OPSET): Model {
    return {
      irVersion: IR_VERSION,
      producer: 'inference-lens',
      opsets: new Map([['', opset]]),
      graph: this.graph(),
      metadata: new Map(Object.entries(metadata)),
    };
  }

  /** A free name, like `unique`, but not yet claimed. */
  free(hint: string): string {
    return this.taken.free(hint);
  }

  private claim(name: string): string {
    if (this.taken.has(name)) throw new Error(`The graph already has a tensor named "${name}".`);
    this.taken.add(name);
    return name;
  }
}

function toAttribute(value: AttributeInput): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (isList(value)) return { kind: 'ints', value };
  return value;
}

const isList = (value: unknown): value is readonly number[] => Array.isArray(value);
