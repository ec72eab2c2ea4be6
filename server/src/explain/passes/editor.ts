/** A graph being rewritten: producers and consumers of tensors, and the replacement of one node by several. */
import { Emitter } from '../../autodiff/emitter';
import { GraphBuilder } from '../../onnx/builder';
import { indexGraph, readsOf, type GraphIndex } from '../../onnx/graph-index';
import type { DataType, Graph, Model, Node, ValueInfo } from '../../onnx/model';
import { elementCount, isExternal } from '../../onnx/model';
import { inferShapes, type TensorInfo } from '../../onnx/shapes';
import { pruneTo } from '../../onnx/prune';

export type Shapes = ReadonlyMap<string, TensorInfo>;

/**
 * One pass over one model. Queries refer to the original model; replacements take effect in `finish`. A
 * replaced node's new nodes take its place and define its output under the same name, so the order stays topological and
 * replacements do not see each other.
 */
export class GraphEditor {
  private readonly outputs: ReadonlySet<string>;
  private readonly replacements = new Map<Node, readonly Node[]>();
  private readonly lookups: Lookups;
  // Created on first use: most passes find nothing to do in most networks.
  private built: { readonly scratch: GraphBuilder; readonly emitter: Emitter } | undefined;

  /** `shapes` has every tensor of `model` whose shape is known. */
  constructor(
    private readonly model: Model,
    private readonly shapes: Shapes,
    private readonly pass: string,
  ) {
    this.outputs = new Set(model.graph.outputs.map(({ name }) => name));
    this.lookups = lookupsOf(model.graph);
  }

  private get index(): GraphIndex {
    return this.lookups.index;
  }

  /** Where replacements are built: every name of the model is taken there. */
  private get workshop(): { readonly scratch: GraphBuilder; readonly emitter: Emitter } {
    if (this.built !== undefined) return this.built;
    const { graph } = this.model;
    const scratch = new GraphBuilder(this.pass);
    for (const { name } of graph.inputs) scratch.unique(name);
    for (const name of graph.initializers.keys()) scratch.unique(name);
    for (const { outputs } of graph.nodes) for (const name of outputs) scratch.unique(name);
    const emitter = new Emitter(scratch, this.opset, `${this.pass}/`);
    return (this.built = { scratch, emitter });
  }

  nodes(opType: string): readonly Node[] {
    return this.model.graph.nodes.filter((node) => node.opType === opType && node.domain === '');
  }

  /** The node that makes this tensor, if it is of the given type. */
  producer(tensor: string | undefined, opType: string): Node | undefined {
    const node = tensor === undefined ? undefined : this.index.producerOf(tensor);
    return node?.opType === opType && node.domain === '' ? node : undefined;
  }

  /** The nodes that read this tensor. */
  consumers(tensor: string): readonly Node[] {
    return this.index.consumersOf(tensor);
  }

  isOutput(tensor: string): boolean {
    return this.outputs.has(tensor);
  }

  /** The only node that reads the tensor, if it is not an output of the graph. */
  soleConsumer(tensor: string, opType: string): Node | undefined {
    const [only, ...others] = this.consumers(tensor);
    const matches = only?.opType === opType && others.length === 0 && !this.outputs.has(tensor);
    return matches ? only : undefined;
  }

  /** Whether the tensor is the same in every run. */
  isConstant(tensor: string): boolean {
    return this.lookups.constants.has(tensor);
  }

  /** The tensor's shape; [] is a scalar, undefined is unknown. */
  shape(tensor: string | undefined): readonly number[] | undefined {
    return tensor === undefined ? undefined : this.shapes.get(tensor)?.dims;
  }

  get opset(): number {
    return this.model.opsets.get('') ?? 0;
  }

  /** The value of a float32 constant of one element. */
  number(tensor: string | undefined): number | undefined {
    const constant = tensor === undefined ? undefined : this.model.graph.initializers.get(tensor);
    if (constant?.type !== 'float32' || elementCount(constant.dims) !== 1 || isExternal(constant.data))
      return undefined;
    const { buffer, byteOffset } = constant.data;
    return new DataView(buffer, byteOffset).getFloat32(0, true);
  }

  /** The type of the tensor's elements; undefined is unknown. */
  type(tensor: string): DataType | undefined {
    return this.shapes.get(tensor)?.type;
  }

  /** Replaces a node with one output by what `build` emits; the tensor it returns takes over the output's name. */
  replace(node: Node, build: (emit: Emitter) => string): void {
    const [output = ''] = node.outputs;
    const { scratch, emitter } = this.workshop;
    const before = scratch.graph().nodes.length;
    const result = build(emitter.scoped(`${output}/`));
    const added = scratch.graph().nodes.slice(before);
    this.replacements.set(
      node,
      added.map((made) => ({
        ...made,
        inputs: made.inputs.map((name) => (name === result ? output : name)),
        outputs: made.outputs.map((name) => (name === result ? output : name)),
      })),
    );
    if (!added.some(({ outputs }) => outputs.includes(result)))
      throw new Error(`The replacement of "${output}" does not compute it.`);
  }

  /** The rewritten model without unused nodes, and the shapes of its tensors. */
  finish(): { readonly model: Model; readonly shapes: Shapes } {
    if (this.replacements.size === 0) return { model: this.model, shapes: this.shapes };
    const { graph } = this.model;
    const nodes = graph.nodes.flatMap((node) => this.replacements.get(node) ?? [node]);
    const initializers = new Map([...graph.initializers, ...this.workshop.scratch.graph().initializers]);
    const opsets = new Map([...this.newDomains(), ...this.model.opsets]);
    const model = { ...this.model, opsets, graph: pruneTo({ ...graph, nodes, initializers }) };
    return { model, shapes: new Map([...this.shapes, ...this.shapesOfNew()]) };
  }

  /** The runtime's own domains have one version. */
  private newDomains(): readonly (readonly [string, number])[] {
    return [...this.replacements.values()]
      .flat()
      .flatMap(({ domain }) => (domain === '' ? [] : [[domain, 1]]));
  }

  /** Only tensors that a pass has added need inference: all others keep their shapes. */
  private shapesOfNew(): Shapes {
    const nodes = [...this.replacements.values()].flat();
    const { initializers } = this.workshop.scratch.graph();
    const outside = new Set(nodes.flatMap((node) => [...readsOf(node)]));
    const inputs = [...outside].flatMap((name): ValueInfo[] => {
      const known = initializers.has(name) ? undefined : this.shapes.get(name);
      return known === undefined ? [] : [{ name, type: known.type, dims: known.dims }];
    });
    const graph = { name: '', nodes, inputs, outputs: [], initializers };
    return inferShapes({ ...this.model, graph }, {}, { unknown: 'leave out' });
  }
}

/** What passes look up in a graph, computed at the first request. */
class Lookups {
  private indexed: GraphIndex | undefined;
  private fixed: ReadonlySet<string> | undefined;

  constructor(private readonly graph: Graph) {}

  get index(): GraphIndex {
    return (this.indexed ??= indexGraph(this.graph));
  }

  get constants(): ReadonlySet<string> {
    return (this.fixed ??= constantTensors(this.graph));
  }
}

/** By graph, since most passes leave the graph as it is for the next one. */
const found = new WeakMap<Graph, Lookups>();

function lookupsOf(graph: Graph): Lookups {
  const known = found.get(graph) ?? new Lookups(graph);
  found.set(graph, known);
  return known;
}

/** Initializers, and what is computed only from them. */
export function constantTensors(graph: Graph): ReadonlySet<string> {
  const constants = new Set(graph.initializers.keys());
  for (const node of graph.nodes) {
    const fixed = [...readsOf(node)].every((input) => constants.has(input));
    if (fixed && !node.opType.startsWith('Random'))
      for (const output of node.outputs) if (output !== '') constants.add(output);
  }
  return constants;
}
