/** Logits of the float equivalent, which do not end where their quantization does. */
import type { Model, Node } from '../../onnx/model';

/** What gives real numbers of codes. */
const FROM_CODES = /^(DequantizeLinear|QGemm|QLinear\w+)$/;

/**
 * A class that the network is surer of than its quantization can say has the greatest logit that there is. No gradient passes there, so every map
 * would be empty; what is explained is the logit before it is clipped. The verdict is the file's own.
 * @param file the graph as it is in the file: a Clip of its own stays
 */
export function withoutLastRange(model: Model, logits: string, file: Model): Model {
  const gives = ({ outputs }: Node): boolean => outputs.includes(logits);
  const origin = file.graph.nodes.find(gives);
  if (origin === undefined || !FROM_CODES.test(origin.opType)) return model;
  const nodes = model.graph.nodes.map((node) =>
    gives(node) && node.opType === 'Clip'
      ? { ...node, opType: 'Identity', inputs: node.inputs.slice(0, 1), attributes: new Map() }
      : node,
  );
  return { ...model, graph: { ...model.graph, nodes } };
}
