/** Lowers one node in a graph of its own, and gives its new tensors unique names. */
import { Emitter } from '../autodiff/emitter';
import { GraphBuilder } from '../onnx/builder';
import type { ConstantTensor, Node } from '../onnx/model';
import { renameNode } from '../onnx/rename';
import type { Known } from './context';
import { contextOf } from './context';
import type { Lowering } from './lowering';

export interface Replacement {
  /** They compute the node's outputs under the original names. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, ConstantTensor>;
}

/**
 * @param prefix of new names, which no tensor of the model has
 * @param opset that the node follows
 * @param target operator set of what is emitted
 * @returns null where the lowering leaves the node unchanged
 * @throws Refusal
 */
export function replacementOf(
  node: Node,
  lowering: Lowering,
  known: Known,
  { prefix, opset, target }: { readonly prefix: string; readonly opset: number; readonly target: number },
): Replacement | null {
  const scratch = new GraphBuilder('lowering');
  const results = lowering.lower(contextOf(node, opset, known, new Emitter(scratch, target)));
  if (results === null) return null;
  const { nodes, initializers } = scratch.graph();
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const names = new Map<string, string>();
  const copies: Node[] = [];
  node.outputs.forEach((output, i) => {
    const result = results[i] ?? '';
    if (output === '') return;
    if (result === '') throw new Error(`The lowering of ${node.opType} forgets its output ${i}.`);
    if (made.has(result) && !names.has(result)) names.set(result, output);
    else copies.push(identity(node, result, output));
  });
  const base = `${prefix}${node.outputs.find((output) => output !== '') ?? ''}/`;
  for (const name of [...made, ...initializers.keys()])
    if (!names.has(name)) names.set(name, `${base}${name}`);
  const rename = (name: string): string => names.get(name) ?? name;
  const renamed = [...nodes, ...copies].map((each) => renameNode(each, rename));
  return {
    nodes:
      renamed.length === 1 ? renamed.map((each) => ({ ...each, name: node.name })) : numbered(node, renamed),
    constants: new Map([...initializers].map(([name, tensor]) => [rename(name), tensor])),
  };
}

const identity = (node: Node, from: string, to: string): Node => ({
  ...{ opType: 'Identity', domain: '', name: node.name },
  ...{ inputs: [from], outputs: [to], attributes: new Map() },
});

/** Where one node becomes several, each is named after it. */
function numbered(node: Node, nodes: readonly Node[]): readonly Node[] {
  const label = node.name === '' ? (node.outputs[0] ?? '') : node.name;
  const counts = new Map<string, number>();
  return nodes.map((each) => {
    const count = counts.get(each.opType) ?? 0;
    counts.set(each.opType, count + 1);
    return { ...each, name: `${label}/${each.opType}${count === 0 ? '' : `_${count}`}` };
  });
}
