/** The file as it is, in its own arithmetic, beside the float equivalent that is explained: the same outputs under the same names. */
import type { Precision } from '../../../lowering/precision';
import type { Model, Node } from '../../../onnx/model';
import { dataTypes } from '../../../onnx/model';
import { pruneTo } from '../../../onnx/prune';
import { renameNode } from '../../../onnx/rename';

export interface FileForm {
  readonly precision: Precision;
  /** Has `outputs` as its outputs; null where one depends on a tensor that is not in the file. */
  readonly model: Model | null;
  /**
   * Which ends of the file are of 16-bit floats: if there is a conversion from or to float32, the runtime
   * computes in float32 and leaves the rounding out.
   */
  readonly half: { readonly picture: boolean; readonly scores: boolean };
}

export interface Explained {
  /** The file's model, lowered and simplified. */
  readonly model: Model;
  /** The same, with the nodes that bring its outputs into their form. */
  readonly withHead: Model;
  /** Tensors of `withHead`. */
  readonly outputs: readonly string[];
}

/**
 * The nodes of the head read tensors that both graphs have; in the file these may be of 16-bit floats, so a conversion to float32 takes
 * their names.
 */
export function asFile(file: Model, { model, withHead, outputs }: Explained): Model | null {
  const before = new Set(model.graph.nodes);
  const head = withHead.graph.nodes.filter((node) => !before.has(node));
  const constants = [...withHead.graph.initializers].filter(([name]) => !model.graph.initializers.has(name));
  const made = new Set([...head.flatMap((node) => node.outputs), ...constants.map(([name]) => name)]);
  const read = new Set(
    [...outputs, ...head.flatMap((node) => node.inputs)].filter((name) => !made.has(name)),
  );
  const inFile = new Set(file.graph.nodes.flatMap((node) => node.outputs));
  if ([...read].some((name) => !inFile.has(name))) return null;
  const own = (name: string): string => (read.has(name) ? `file/${name}` : name);
  const casts = [...read].map((name): Node => ({
    ...{ opType: 'Cast', domain: '', name: `file/${name}/Cast`, inputs: [own(name)], outputs: [name] },
    attributes: new Map([['to', { kind: 'int', value: dataTypes.float32 }]]),
  }));
  const graph = {
    ...file.graph,
    nodes: [...file.graph.nodes.map((node) => renameNode(node, own)), ...casts, ...head],
    initializers: new Map([...file.graph.initializers, ...constants]),
    outputs: [...new Set(outputs)].map((name) => ({ name, type: 'float32' as const, dims: null })),
  };
  return { ...file, graph: pruneTo(graph, outputs) };
}
