/** Static shape inference: every tensor's shape, and the value of small ones, from only the input shapes. */
import { LensError } from '../errors';
import { attribute } from './attributes';
import type { InputDims } from './bind';
import { bindInputShape } from './bind';
import type { Graph, Model, Node } from './model';
import { elementCount } from './model';
import { describe } from './node-label';
import { shapeRules } from './shapes/registry';
import type { NodeView, ShapeRule, TensorInfo } from './shapes/shape-rule';
import { constantInfo } from './shapes/sources';

export type { TensorInfo } from './shapes/shape-rule';

export interface InferenceOptions {
  /**
   * What to do about a node whose output shape cannot be known: `refuse` (default) throws; `leave out` omits its outputs
   * and what depends on them from the result. A node that contradicts its inputs throws in both cases.
   */
  readonly unknown?: 'refuse' | 'leave out';
}

/**
 * Shapes of all tensors of the model's graph by name: inputs, initializers and every node's outputs.
 * Operators of the standard domain as of opset 7 to 23; `value` holds small constants, such as target shapes.
 * @param dims shapes of the inputs whose declared shape is not all numbers
 * @throws LensError 'model' naming node and operator.
 */
export function inferShapes(
  model: Model,
  dims: InputDims = {},
  options: InferenceOptions = {},
): ReadonlyMap<string, TensorInfo> {
  const bound = bindInputShape(model, dims);
  const known = new Scope();
  for (const input of bound.graph.inputs)
    known.set(input.name, { type: input.type, dims: input.dims as number[] });
  inferGraph(bound.graph, known, model.opsets.get('') ?? 0, options.unknown === 'leave out');
  return known.own;
}

/** What is known in a graph and in the enclosing graphs. */
export class Scope {
  readonly own = new Map<string, TensorInfo>();

  constructor(private readonly outer?: Pick<Scope, 'get'>) {}

  get(name: string): TensorInfo | undefined {
    return this.own.get(name) ?? this.outer?.get(name);
  }

  set(name: string, info: TensorInfo): void {
    this.own.set(name, info);
  }
}

function inferGraph(graph: Graph, known: Scope, opset: number, lenient: boolean): void {
  for (const [name, tensor] of graph.initializers) known.set(name, constantInfo(tensor));
  for (const node of graph.nodes) {
    const infos = inferNode(node, known, opset, lenient);
    if (infos === null) continue;
    node.outputs.forEach((output, i) => {
      const info = infos[i];
      if (output !== '' && info !== undefined) known.set(output, info);
    });
  }
}

/** Adds what is known about one more node's outputs; nothing if their shapes cannot be known. @throws as `inferShapes` */
export function inferNext(node: Node, known: Scope, opset: number): void {
  const infos = inferNode(node, known, opset, true) ?? [];
  node.outputs.forEach((output, i) => {
    const info = infos[i];
    if (output !== '' && info !== undefined) known.set(output, info);
  });
}

/** Most dimensions of a tensor; no operator here is defined for more than a dozen. */
const MAX_RANK = 64;

/** Thrown where a shape cannot be known, which is not an error of the model. */
class UnknownShape extends LensError {
  constructor(
    message: string,
    /** Such as `"sizes" depends on the data`. */
    readonly reason: string,
    fix: string,
  ) {
    super('model', message, { fix, code: 'unknown-operator' });
  }
}

/** Operators whose output sizes depend on the picture's content. */
export const AS_LARGE_AS_DATA: ReadonlySet<string> = new Set([
  'NonZero',
  'Compress',
  'Unique',
  'NonMaxSuppression',
]);

/** Why nothing can be known about the node's outputs although its inputs are known; null if it can. @throws as `inferShapes` */
export function reasonUnknown(node: Node, known: Pick<Scope, 'get'>, opset: number): string | null {
  try {
    inferNode(node, known, opset, false);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof UnknownShape)) throw thrown;
    return node.domain === '' && AS_LARGE_AS_DATA.has(node.opType)
      ? 'the size of its output depends on what is in the picture'
      : thrown.reason;
  }
}

/** What is known about the node's outputs; null if nothing, where that is allowed. */
function inferNode(
  node: Node,
  known: Pick<Scope, 'get'>,
  opset: number,
  lenient: boolean,
): readonly TensorInfo[] | null {
  try {
    const view = viewOf(node, known, opset, lenient);
    const infos = ruleOf(node).infer(view);
    for (const { dims } of infos) {
      if (dims.length > MAX_RANK)
        view.invalid(`an output of at most ${MAX_RANK} dimensions`, `${dims.length}`);
      const sizes = [...dims, elementCount(dims)];
      if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
        view.invalid('an output of whole, countable dimensions', `[${dims.join(', ')}]`);
      }
    }
    return infos;
  } catch (thrown) {
    if (thrown instanceof UnknownShape && lenient) return null;
    throw thrown;
  }
}

function ruleOf(node: Node): ShapeRule {
  const rule = node.domain === '' ? shapeRules.get(node.opType) : undefined;
  if (rule !== undefined) return rule;
  const operator = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  const reason = `the operator ${operator} is not known`;
  const fix = 'Export the model with operators of the standard domain only.';
  throw new UnknownShape(`${describe(node)}: ${reason}.`, reason, fix);
}

function viewOf(node: Node, known: Pick<Scope, 'get'>, opset: number, lenient: boolean): NodeView {
  const invalid = (expected: string, found: string): never => {
    throw new LensError('model', `${describe(node)}: expected ${expected}, found ${found}.`, {
      fix: 'The model contradicts itself or the shape of its input: export it again.',
    });
  };
  const unknown = (reason: string): never => {
    throw new UnknownShape(
      `${describe(node)}: its output shape cannot be known in advance: ${reason}.`,
      reason,
      'Export the model with a fixed input size.',
    );
  };
  const has = (index: number): boolean => (node.inputs[index] ?? '') !== '';
  const input = (index: number): TensorInfo => {
    const name = node.inputs[index] ?? '';
    if (name === '') return invalid(`input ${index}`, 'none');
    return known.get(name) ?? unknown(`nothing is known of "${name}"`);
  };
  const numbers = (index: number): readonly number[] =>
    input(index).value ?? unknown(`"${node.inputs[index] ?? ''}" depends on the data`);
  const integers = (index: number): readonly number[] => {
    const known = numbers(index);
    const { type } = input(index);
    if (type !== 'int64' && type !== 'int32')
      invalid(`input ${index} ("${node.inputs[index] ?? ''}") of type int64`, type);
    return known;
  };
  return {
    node,
    opset,
    has,
    input,
    numbers,
    integers,
    optionalIntegers: (index) => (has(index) ? integers(index) : undefined),
    invalid,
    unknown,
    inputCount: () => node.inputs.length,
    inputs: () => node.inputs.map((_, index) => input(index)),
    optionalNumbers: (index) => (has(index) ? numbers(index) : undefined),
    int: (name, otherwise) => attribute(node, name, 'int') ?? otherwise,
    ints: (name) => attribute(node, name, 'ints'),
    float: (name, otherwise) => attribute(node, name, 'float') ?? otherwise,
    string: (name, otherwise) => attribute(node, name, 'string') ?? otherwise,
    nested: (graph, inputs = []) => {
      const inner = new Scope(known);
      graph.inputs.forEach(({ name }, i) => {
        const info = inputs[i];
        if (info !== undefined) inner.set(name, info);
      });
      inferGraph(graph, inner, opset, lenient);
      return graph.outputs.map(({ name }) => inner.get(name) ?? unknown(`nothing is known of "${name}"`));
    },
  };
}
