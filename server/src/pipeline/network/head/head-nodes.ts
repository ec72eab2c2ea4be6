/** Appends nodes to a model that bring an output tensor into the form (1, values), float32. */
import { int64Tensor, float32Tensor } from '../../../onnx/builder';
import type { Attribute, ConstantTensor, DataType, Graph, Model, Node } from '../../../onnx/model';
import { dataTypes, elementCount } from '../../../onnx/model';
import type { LogitOf } from './match';

interface Shaped {
  readonly tensor: string;
  readonly type: DataType;
  readonly dims: readonly number[];
}

export class HeadNodes {
  private readonly nodes: Node[] = [];
  private readonly constants = new Map<string, ConstantTensor>();
  private readonly taken: Set<string>;

  constructor(private readonly graph: Graph) {
    this.taken = new Set([
      ...graph.nodes.flatMap(({ outputs }) => outputs),
      ...graph.initializers.keys(),
      ...graph.inputs.map(({ name }) => name),
    ]);
  }

  /** The model with everything that was appended. */
  model(model: Model): Model {
    const nodes = [...this.graph.nodes, ...this.nodes];
    const initializers = new Map([...this.graph.initializers, ...this.constants]);
    return { ...model, graph: { ...this.graph, nodes, initializers } };
  }

  /** The tensor itself if it has that form already. */
  flat({ tensor, type, dims }: Shaped): string {
    const count = elementCount(dims);
    const floats =
      type === 'float32' ? tensor : this.op('Cast', [tensor], { to: int(dataTypes.float32) }, 'float32');
    if (dims.length === 2 && dims[0] === 1) return floats;
    return this.op('Reshape', [floats, this.constant('shape', int64Tensor([1, count]))], {}, 'flat');
  }

  /** One value for each pick, of (1, values), with its sign. */
  picked(tensor: string, count: number, picks: readonly LogitOf[]): string {
    const inOrder = picks.length === count && picks.every(({ logit }, i) => logit === i);
    const indices = (): ConstantTensor => int64Tensor(picks.map(({ logit }) => logit));
    const ordered = inOrder
      ? tensor
      : this.op('Gather', [tensor, this.constant('order', indices())], { axis: int(1) }, 'ordered');
    const signs = picks.map(({ sign }) => sign);
    if (signs.every((sign) => sign === 1)) return ordered;
    const constant = this.constant('signs', float32Tensor([1, signs.length], signs));
    return this.op('Mul', [ordered, constant], {}, 'signed');
  }

  /** (1, values) plus the logarithm of each weight: logits whose softmax is the weighted one, divided by its sum. */
  weighted(tensor: string, weights: readonly number[]): string {
    const logs = weights.map(Math.log);
    return this.op(
      'Add',
      [tensor, this.constant('weights', float32Tensor([1, logs.length], logs))],
      {},
      'weighted',
    );
  }

  /** Of (1, 2): the value at the index minus the other, (1, 1). */
  difference(tensor: string, index: 0 | 1): string {
    const signs = index === 1 ? [-1, 1] : [1, -1];
    return this.op(
      'MatMul',
      [tensor, this.constant('signs', float32Tensor([2, 1], signs))],
      {},
      'difference',
    );
  }

  concat(parts: readonly string[]): string {
    return this.op('Concat', parts, { axis: int(1) }, 'joined');
  }

  private op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    hint: string,
  ): string {
    const output = this.free(hint);
    const attributesOf = new Map(Object.entries(attributes));
    this.nodes.push({
      opType,
      domain: '',
      name: output,
      inputs,
      outputs: [output],
      attributes: attributesOf,
    });
    return output;
  }

  private constant(hint: string, tensor: ConstantTensor): string {
    const name = this.free(hint);
    this.constants.set(name, tensor);
    return name;
  }

  private free(hint: string): string {
    let name = `head/${hint}`;
    for (let n = 1; this.taken.has(name); n++) name = `head/${hint}_${n}`;
    this.taken.add(name);
    return name;
  }
}

const int = (value: number): Attribute => ({ kind: 'int', value });
