/** Inlines calls of a model's local functions (FunctionProto), so that later steps see plain operators. */
import { LensError } from '../errors';
import { describe } from './node-label';
import type { Attribute, Graph, Model, Node } from './model';
import { TakenNames } from './names';

/** Most nodes, calls and tensor names after inlining: nested calls can grow exponentially. */
const MAX_EXPANDED = 1_000_000;
/** Calls within calls. */
const MAX_DEPTH = 64;

/** A node as the file has it: inside a function, attributes may refer to the caller's. */
export interface FunctionNode extends Node {
  readonly overload: string;
  /** Attribute name here -> attribute name of the call. */
  readonly references: ReadonlyMap<string, string>;
}

export interface FunctionBody {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly FunctionNode[];
  readonly opsets: ReadonlyMap<string, number>;
  /** Attributes with a default value. */
  readonly defaults: ReadonlyMap<string, Attribute>;
}

/** The key by which a call finds its function. */
export function functionKey(of: {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
}): string {
  return JSON.stringify([of.domain, of.name, of.overload]);
}

/**
 * The model without function calls. Tensors inside a body are prefixed with the calling node's name.
 * @param file the file in errors
 * @throws LensError 'model' for a recursive function, a body that needs another operator set than the model
 * and expansions without bound.
 */
export function inlineFunctions(
  model: Model,
  functions: ReadonlyMap<string, FunctionBody>,
  file: string,
): Model {
  const graph = new Inliner(model, functions, file).graph(model.graph, 0);
  const opsets = new Map(model.opsets);
  for (const body of functions.values())
    for (const [domain, version] of body.opsets) {
      if (!opsets.has(domain)) opsets.set(domain, version);
    }
  return { ...model, opsets, graph };
}

class Inliner {
  private readonly taken = new TakenNames();
  private expanded = 0;

  constructor(
    private readonly model: Model,
    private readonly functions: ReadonlyMap<string, FunctionBody>,
    private readonly file: string,
  ) {
    if (functions.size > 0) this.reserve(model.graph);
  }

  graph(graph: Graph, depth: number): Graph {
    const nodes: Node[] = [];
    for (const node of graph.nodes) this.expand(node as FunctionNode, depth, nodes);
    return { ...graph, nodes };
  }

  private expand(node: FunctionNode, depth: number, into: Node[]): void {
    this.expanded += 1 + node.inputs.length + node.outputs.length;
    if (this.expanded > MAX_EXPANDED) {
      this.fail(`at most ${MAX_EXPANDED} nodes and tensor names after inlining its functions`, 'more');
    }
    const body = this.functions.get(
      functionKey({ domain: node.domain, name: node.opType, overload: node.overload }),
    );
    if (body === undefined) {
      into.push(this.plain(node, depth));
      return;
    }
    if (depth === MAX_DEPTH)
      this.fail(
        `functions nested at most ${MAX_DEPTH} deep`,
        `"${body.name}" calling itself or a deeper one`,
      );
    this.checkOpsets(body);
    const rename = this.renaming(body, node);
    const values = new Map([...body.defaults, ...node.attributes]);
    for (const inner of body.nodes) this.expand(this.instantiate(inner, rename, values), depth + 1, into);
    this.passThrough(body, node, rename, into);
  }

  /** A function's parameters become the call's tensors; its inner tensors become new names. */
  private renaming(body: FunctionBody, call: Node): (name: string) => string {
    const names = new Map<string, string>([['', '']]);
    body.inputs.forEach((formal, i) => names.set(formal, call.inputs[i] ?? ''));
    const label = call.name === '' ? (call.outputs[0] ?? body.name) : call.name;
    body.outputs.forEach((formal, i) => {
      const actual = call.outputs[i] ?? '';
      if (actual !== '' && !names.has(formal)) names.set(formal, actual);
    });
    return (name) => {
      const known = names.get(name);
      if (known !== undefined) return known;
      const fresh = this.fresh(`${label}/${name}`);
      names.set(name, fresh);
      return fresh;
    };
  }

  private instantiate(
    node: FunctionNode,
    rename: (name: string) => string,
    values: ReadonlyMap<string, Attribute>,
  ): FunctionNode {
    const attributes = new Map<string, Attribute>();
    for (const [name, attribute] of node.attributes) {
      attributes.set(
        name,
        attribute.kind === 'graph' ? this.inner(attribute.value, rename, values) : attribute,
      );
    }
    for (const [name, reference] of node.references) {
      // A reference to an optional attribute that the call omits omits this one too.
      const value = values.get(reference);
      if (value !== undefined) attributes.set(name, value);
    }
    return {
      ...node,
      name: node.name === '' ? '' : rename(`node ${node.name}`),
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
      attributes,
      references: new Map(),
    };
  }

  private inner(
    graph: Graph,
    rename: (name: string) => string,
    values: ReadonlyMap<string, Attribute>,
  ): Attribute {
    const renamed: Graph = {
      name: graph.name,
      nodes: graph.nodes.map((node) => this.instantiate(node as FunctionNode, rename, values)),
      inputs: graph.inputs.map((info) => ({ ...info, name: rename(info.name) })),
      outputs: graph.outputs.map((info) => ({ ...info, name: rename(info.name) })),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
    };
    return { kind: 'graph', value: renamed };
  }

  /** An output that is also an input of its function needs a node. */
  private passThrough(body: FunctionBody, call: Node, rename: (name: string) => string, into: Node[]): void {
    body.outputs.forEach((formal, i) => {
      const actual = call.outputs[i] ?? '';
      const inside = rename(formal);
      if (actual === '' || actual === inside) return;
      into.push({
        opType: 'Identity',
        domain: '',
        name: this.fresh(`${actual}/identity`),
        inputs: [inside],
        outputs: [actual],
        attributes: new Map(),
      });
    });
  }

  private plain(node: FunctionNode, depth: number): Node {
    const { opType, domain, name, inputs, outputs, origin } = node;
    for (const [key, reference] of node.references) {
      this.fail(
        `a value of attribute "${key}" of ${describe(node)}`,
        `a reference to "${reference}" outside a function`,
      );
    }
    const attributes = new Map<string, Attribute>();
    for (const [key, attribute] of node.attributes) {
      attributes.set(
        key,
        attribute.kind === 'graph' ? { kind: 'graph', value: this.graph(attribute.value, depth) } : attribute,
      );
    }
    const plain = { opType, domain, name, inputs, outputs, attributes };
    return origin === undefined ? plain : { ...plain, origin };
  }

  private checkOpsets(body: FunctionBody): void {
    for (const [domain, version] of body.opsets) {
      const ours = this.model.opsets.get(domain);
      if (ours !== undefined && ours !== version) {
        const label = domain === '' ? 'ai.onnx' : domain;
        this.fail(
          `function "${body.name}" to use opset ${ours} of ${label} as the model does`,
          `opset ${version}`,
        );
      }
    }
  }

  private fresh(wanted: string): string {
    return this.taken.take(wanted);
  }

  private reserve(graph: Graph): void {
    for (const name of graph.initializers.keys()) this.taken.add(name);
    for (const { name } of [...graph.inputs, ...graph.outputs]) this.taken.add(name);
    for (const node of graph.nodes) {
      for (const name of [...node.inputs, ...node.outputs]) this.taken.add(name);
      for (const attribute of node.attributes.values()) {
        if (attribute.kind === 'graph') this.reserve(attribute.value);
      }
    }
  }

  private fail(expected: string, found: string): never {
    throw new LensError('model', `${this.file}: expected ${expected}, found ${found}.`, {
      fix: 'Export the model with its functions inlined (onnx.inliner.inline_local_functions).',
    });
  }
}
