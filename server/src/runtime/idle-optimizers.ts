/** The runtime's optimizers that would search a graph in vain: each sorts all of it before it looks. */
import type { Graph } from '../onnx/model';

const QUANTIZED = ['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'] as const;
/** A normalization may still be written out, with its square root. */
const NORMALIZED = [
  'LayerNormalization',
  'SimplifiedLayerNormalization',
  'SkipLayerNormalization',
  'Sqrt',
] as const;

/**
 * By name in onnxruntime 1.30 (`graph_transformer_utils.cc`): operators without which an optimizer finds nothing. Those that are not
 * listed always run; a name that another version does not have is skipped by it.
 */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  EnsureUniqueDQForNodeUnit: QUANTIZED,
  QDQPropagationTransformer: QUANTIZED,
  QDQSelectorActionTransformer: QUANTIZED,
  QDQFinalCleanupTransformer: QUANTIZED,
  QDQS8ToU8Transformer: QUANTIZED,
  DoubleQDQPairsRemover: QUANTIZED,
  WhereDummyDq: QUANTIZED,
  DQMatMulNBitsFusion: QUANTIZED,
  DynamicQuantizeMatMulFusion: [...QUANTIZED, 'MatMulInteger'],
  MatMulIntegerToFloatFusion: ['MatMulInteger'],
  MatMulNBitsFusion: ['MatMulNBits'],
  MatMulNBitsMlpFusion: ['MatMulNBits'],
  MatMulNBitsQkvFusion: ['MatMulNBits'],
  GroupQueryAttentionFusion: ['GroupQueryAttention'],
  GroupQueryAttentionPreNormFusion: ['GroupQueryAttention'],
  GqaValueLayoutTransformer: ['GroupQueryAttention'],
  AttentionFusion: ['Softmax'],
  BiasSoftmaxFusion: ['Softmax'],
  LayerNormFusionL1: NORMALIZED,
  LayerNormFusionL2: NORMALIZED,
  SimplifiedLayerNormFusion: NORMALIZED,
  SkipLayerNormFusion: NORMALIZED,
  BiasSkipLayerNormFusion: NORMALIZED,
  EmbedLayerNormFusion: NORMALIZED,
  GeluFusionL1: ['Erf'],
  GeluFusionL2: ['Erf'],
  BiasGeluFusion: ['Erf', 'Tanh', 'Gelu', 'FastGelu'],
  FastGeluFusion: ['Tanh'],
  QuickGeluFusion: ['Sigmoid'],
  BiasDropoutFusion: ['Dropout', 'BitmaskDropout'],
  LabelEncoderFusion: ['LabelEncoder'],
  GatherToSliceFusion: ['Gather'],
  GatherSliceToSplitFusion: ['Gather'],
  NotWhereFusion: ['Not'],
  ReshapeFusion: ['Shape'],
};

/** Names of optimizers that need not look at this graph, for `optimization.disable_specified_optimizers`. */
export function idleOptimizers(graph: Graph): readonly string[] {
  const present = new Set<string>();
  addOperators(graph, present);
  return Object.entries(NEEDS).flatMap(([name, needs]) =>
    needs.some((operator) => present.has(operator)) ? [] : [name],
  );
}

function addOperators({ nodes }: Graph, present: Set<string>): void {
  for (const { opType, attributes } of nodes) {
    present.add(opType);
    for (const attribute of attributes.values())
      if (attribute.kind === 'graph') addOperators(attribute.value, present);
  }
}
