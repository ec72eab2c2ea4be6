/** Dequantizes scores that a quantized file outputs as integers, with the scale and zero point of its last operator. */
import { indexGraph } from '../../../onnx/graph-index';
import type { Model, Node } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import { KEEPS_ELEMENTS } from '../../../onnx/moving';
import { TakenNames } from '../../../onnx/names';

/** Which inputs of an operator are scale and zero point of its output. */
const PARAMETERS: Readonly<Record<string, readonly [scale: number, zero: number]>> = {
  QuantizeLinear: [1, 2],
  QLinearConv: [6, 7],
  QLinearMatMul: [6, 7],
  QLinearAdd: [6, 7],
  QLinearMul: [6, 7],
  QGemm: [7, 8],
  QLinearSoftmax: [3, 4],
  QLinearSigmoid: [3, 4],
  QLinearLeakyRelu: [3, 4],
  QLinearAveragePool: [3, 4],
  QLinearGlobalAveragePool: [3, 4],
  QLinearReduceMean: [3, 4],
  QLinearConcat: [0, 1],
};

export interface Scores {
  readonly model: Model;
  readonly tensor: string;
  /** One sentence if the scores were integers. */
  readonly notes: readonly string[];
}

export function withRealScores(model: Model, tensor: string): Scores {
  const asTheyAre = { model, tensor, notes: [] };
  const maker = makerOf(model, tensor);
  const [scaleAt, zeroAt] = PARAMETERS[maker?.opType ?? ''] ?? [];
  if (maker === undefined || scaleAt === undefined || zeroAt === undefined) return asTheyAre;
  const [scale = '', zero = ''] = [maker.inputs[scaleAt], maker.inputs[zeroAt]];
  // QGemm without a scale of its output gives floats; a scale for each class has an axis, which Reshape may have moved.
  const constant = model.graph.initializers.get(scale);
  if (scale === '' || (constant !== undefined && elementCount(constant.dims) !== 1)) return asTheyAre;
  const real = freeName(model, `${tensor}/real`);
  const node: Node = {
    ...{ opType: 'DequantizeLinear', name: real, attributes: new Map() },
    domain: maker.opType === 'QuantizeLinear' ? maker.domain : '',
    inputs: [tensor, scale, ...(zero === '' ? [] : [zero])],
    outputs: [real],
  };
  const notes = [
    `The file gives its scores "${tensor}" as integers: they are read with the scale and the zero point of its last ${maker.opType}.`,
  ];
  return {
    model: { ...model, graph: { ...model.graph, nodes: [...model.graph.nodes, node] } },
    tensor: real,
    notes,
  };
}

function makerOf({ graph }: Model, tensor: string): Node | undefined {
  const index = indexGraph(graph);
  let maker = index.producerOf(tensor);
  while (maker !== undefined && KEEPS_ELEMENTS.has(maker.opType))
    maker = index.producerOf(maker.inputs[0] ?? '');
  return maker;
}

function freeName({ graph }: Model, wanted: string): string {
  const taken = new TakenNames();
  for (const name of graph.initializers.keys()) taken.add(name);
  for (const { outputs } of graph.nodes) for (const output of outputs) taken.add(output);
  for (const { name } of graph.inputs) taken.add(name);
  return taken.take(wanted);
}
