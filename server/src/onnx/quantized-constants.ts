/** What the constants of a quantized graph are for: values that were trained, or the scales and zero points that they are stored with. */
import { attribute } from './attributes';
import type { Graph, Node } from './model';

export type ConstantRole = 'value' | 'scale' | 'zero point';

/** v, s, z: a value with its scale and zero point; a dot is neither. By input, as the specification and ContribOperators.md list them. */
const INPUTS: Readonly<Record<string, string>> = {
  DequantizeLinear: 'vsz',
  QuantizeLinear: 'vsz',
  QLinearConv: 'vszvszszv',
  QLinearMatMul: 'vszvszsz',
  ConvInteger: 'vvzz',
  MatMulInteger: 'vvzz',
  QGemm: 'vszvszvsz',
  QLinearAdd: 'vszvszsz',
  QLinearMul: 'vszvszsz',
  QLinearSigmoid: 'vszsz',
  QLinearLeakyRelu: 'vszsz',
  QLinearSoftmax: 'vszsz',
  QLinearAveragePool: 'vszsz',
  QLinearGlobalAveragePool: 'vszsz',
  QLinearReduceMean: 'vszsz',
  QLinearWhere: '.vszvszsz',
  DynamicQuantizeMatMul: 'vvszv',
  MatMulIntegerToFloat: 'vvsszzv',
  QAttention: 'vvvss.zz',
  MatMulNBits: 'vvsz.v',
};

const ROLES: Readonly<Record<string, ConstantRole>> = { v: 'value', s: 'scale', z: 'zero point' };

/** Of a concatenation the output's scale and zero point come first, then each tensor with its own. */
const ofConcat = (index: number): string =>
  (index < 2 ? 'sz' : 'vsz')[index < 2 ? index : (index - 2) % 3] ?? '';

/** By name; a constant that no quantized operator reads has none. */
export function constantRoles({
  nodes,
  initializers,
}: Pick<Graph, 'nodes' | 'initializers'>): ReadonlyMap<string, ConstantRole> {
  const roles = new Map<string, ConstantRole>();
  const measured = scalesOfInputs(nodes);
  for (const { opType, inputs } of nodes)
    inputs.forEach((name, index) => {
      if (!initializers.has(name)) return;
      const letter = opType === 'QLinearConcat' ? ofConcat(index) : (INPUTS[opType]?.[index] ?? '');
      const role = opType === 'Mul' && measured.has(inputs[1 - index] ?? '') ? 'scale' : ROLES[letter];
      if (role !== undefined) roles.set(name, role);
    });
  return roles;
}

/** Where inputs are quantized as the model runs, integer products are scaled by the measured scale times that of the weights. */
const scalesOfInputs = (nodes: readonly Node[]): ReadonlySet<string> =>
  new Set(
    nodes.flatMap(({ opType, outputs }) => (opType === 'DynamicQuantizeLinear' ? [outputs[1] ?? ''] : [])),
  );

/**
 * How many values the bytes of packed weights hold; undefined for all others, which have one element per
 * value.
 */
export function packedValues({ nodes }: Pick<Graph, 'nodes'>): ReadonlyMap<string, number> {
  return new Map(
    nodes
      .filter(({ opType }) => opType === 'MatMulNBits')
      .map((node) => [
        node.inputs[1] ?? '',
        (attribute(node, 'K', 'int') ?? 0) * (attribute(node, 'N', 'int') ?? 0),
      ]),
  );
}
