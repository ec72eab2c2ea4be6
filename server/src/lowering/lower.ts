/**
 * Lowers a model to operators that later steps know: operator sets below 17 to 17, fused and composed operators to those they are
 * made of. What is explained is then one graph, whose gradients need a rule for each basic operator only.
 */
import { LensError } from '../errors';
import type { InputDims } from '../onnx/bind';
import { bindInputShape } from '../onnx/bind';
import { IR_VERSION, OPSET } from '../onnx/builder';
import { inlineBranches } from '../onnx/fold';
import type { Attribute, ConstantTensor, Graph, Model, Node } from '../onnx/model';
import { ownPrefix } from '../onnx/own-names';
import { inferNext, Scope } from '../onnx/shapes';
import { constantInfo } from '../onnx/shapes/sources';
import type { Known } from './context';
import { Refusal } from './context';
import { inRealUnits } from './quantized/units';
import { replacementOf } from './replace';
import { loweringOf } from './table';

/** Older operator sets broadcast by attributes. */
const OLDEST_OPSET = 7;

export interface Lowered {
  readonly model: Model;
  /** The reason, by output of each node that could not be lowered. Such a node stays in the graph as the file has it. */
  readonly refusals: ReadonlyMap<string, LensError>;
}

/**
 * The same function of an input of this shape; outputs and the tensors that the file names keep their names.
 * @throws LensError 'model' for an operator set before 7, and from shape inference
 */
export function lower(model: Model, dims: InputDims = {}): Lowered {
  const bound = bindInputShape(model, dims);
  const opset = model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? OPSET;
  if (opset < OLDEST_OPSET)
    throw new LensError('model', `expected operator set ${OLDEST_OPSET} or newer, found ${opset}.`, {
      fix: 'Export the model with a newer opset (17 is a good choice).',
    });
  const target = Math.max(opset, OPSET);
  const refusals = new Map<string, LensError>();
  const prefix = prefixFor(bound.graph);
  let walk = new Walk(null, { opset, target, prefix, refusals });
  let graph = walk.graph(bound.graph);
  // A decided branch becomes part of the graph, where more of it is known.
  for (let inlined = inlineBranches(graph, walk.shapes.own); inlined !== graph;) {
    walk = new Walk(null, { opset: target, target, prefix, refusals });
    graph = walk.graph(inlined);
    inlined = inlineBranches(graph, walk.shapes.own);
  }
  const outputs = graph.outputs.map((info) => ({
    ...info,
    type: walk.shapes.get(info.name)?.type ?? info.type,
  }));
  graph = inRealUnits({ ...graph, outputs }, prefix);
  const opsets = new Map([...model.opsets, ['', target] as const]);
  return { model: { ...bound, irVersion: Math.max(bound.irVersion, IR_VERSION), opsets, graph }, refusals };
}

interface Settings {
  /** The file's. */
  readonly opset: number;
  readonly target: number;
  readonly prefix: string;
  readonly refusals: Map<string, LensError>;
}

/** Walks one graph node by node, with what is known so far about its tensors and those of the enclosing graphs. */
class Walk {
  readonly shapes: Scope;
  private readonly constants = new Map<string, ConstantTensor>();
  private readonly initializers = new Map<string, ConstantTensor>();
  private readonly nodes: Node[] = [];

  constructor(
    private readonly outer: Walk | null,
    private readonly settings: Settings,
  ) {
    this.shapes = outer === null ? new Scope() : new Scope(outer.shapes);
  }

  graph(graph: Graph): Graph {
    for (const { name, type, dims } of graph.inputs)
      if (dims?.every((dim) => typeof dim === 'number') === true) this.shapes.set(name, { type, dims });
    for (const [name, tensor] of graph.initializers) this.addConstant(name, tensor);
    for (const node of graph.nodes) this.place(node, this.settings.opset);
    return { ...graph, nodes: this.nodes, initializers: this.initializers };
  }

  constant(name: string): ConstantTensor | undefined {
    return this.constants.get(name) ?? this.outer?.constant(name);
  }

  private addConstant(name: string, tensor: ConstantTensor): void {
    this.initializers.set(name, tensor);
    this.constants.set(name, tensor);
    this.shapes.set(name, constantInfo(tensor));
  }

  private place(node: Node, opset: number): void {
    const { target, prefix, refusals } = this.settings;
    const lowering = loweringOf(node, opset);
    if (lowering === undefined) {
      this.keep(node);
      return;
    }
    try {
      const replacement = replacementOf(node, lowering, this.known(opset), { prefix, opset, target });
      if (replacement === null) {
        this.keep(node);
        return;
      }
      for (const [name, tensor] of replacement.constants) this.addConstant(name, tensor);
      // The nodes of a lowering belong to the original node's module.
      const { origin, within = node.name } = node;
      for (const each of replacement.nodes)
        this.place({ ...(origin === undefined ? {} : { origin }), within, ...each }, target);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      for (const output of node.outputs) refusals.set(output, thrown);
      this.nodes.push(node);
    }
  }

  private known(opset: number): Known {
    return {
      info: (name) => this.shapes.get(name),
      constant: (name) => this.constant(name),
      infer: (node) => {
        const scope = new Scope(this.shapes);
        inferNext(node, scope, opset);
        return node.outputs.map((output) => scope.own.get(output));
      },
    };
  }

  private keep(node: Node): void {
    const nested = [...node.attributes.values()].some(({ kind }) => kind === 'graph');
    const kept = nested ? { ...node, attributes: this.inner(node.attributes) } : node;
    this.nodes.push(kept);
    inferNext(kept, this.shapes, this.settings.target);
    const value = kept.attributes.get('value');
    if (kept.opType === 'Constant' && value?.kind === 'tensor')
      for (const output of kept.outputs) this.constants.set(output, value.value);
    const same = kept.opType === 'Identity' ? this.constant(kept.inputs[0] ?? '') : undefined;
    if (same !== undefined) for (const output of kept.outputs) this.constants.set(output, same);
  }

  private inner(attributes: ReadonlyMap<string, Attribute>): ReadonlyMap<string, Attribute> {
    return new Map(
      [...attributes].map(([name, attribute]) => [
        name,
        attribute.kind === 'graph'
          ? { kind: 'graph', value: new Walk(this, this.settings).graph(attribute.value) }
          : attribute,
      ]),
    );
  }
}

/** The prefix of new tensors' names, which no name in the model has. */
function prefixFor(graph: Graph): string {
  const names: string[] = [];
  collectNames(graph, names);
  let n = 0;
  while (names.some((name) => name.startsWith(ownPrefix(n)))) n++;
  return ownPrefix(n);
}

function collectNames(graph: Graph, names: string[]): void {
  names.push(...graph.initializers.keys());
  for (const { name } of graph.inputs) names.push(name);
  for (const { outputs, attributes } of graph.nodes) {
    names.push(...outputs);
    for (const attribute of attributes.values())
      if (attribute.kind === 'graph') collectNames(attribute.value, names);
  }
}
