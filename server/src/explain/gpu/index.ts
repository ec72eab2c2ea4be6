/** The explain graph for GPUs, where a node costs a launch whatever it computes, and each convolution the search for an algorithm. */
import { assembleExplainGraph, type ExplainGraph, type ExplainRequest } from '../assemble';
import type { GraphPass } from '../passes';
import { batchNormalizationIntoConvolution } from '../passes/batch-normalization';
import { biasIntoConvolution } from '../passes/bias-into-convolution';
import { clipGradient } from '../passes/clip-gradient';
import { layerStatistics } from '../passes/layer-statistics';
import { pooledMean } from '../passes/pooled-mean';
import { scaleIntoWeights } from '../passes/scale-into-weights';
import { strideOneAdjoint } from '../passes/stride-one-adjoint';
import { shortRows } from './short-rows';
import { swishGradientOfParts } from './swish-gradient';
import { symmetricPadding } from './symmetric-padding';

/**
 * Those of `explainPasses` that make fewer nodes, and not those that trade a pass over memory for more of them: strided convolutions in
 * phases, gates within weights, sums as convolutions. With the CPU's list, EfficientNet-B5 has 2,891 nodes instead of 2,336, and CUDA
 * searches algorithms for 308 convolutions more, which took 48 s instead of 4 before the first picture (bench/GPU.md).
 */
const gpuPasses: readonly GraphPass[] = Object.freeze([
  layerStatistics,
  strideOneAdjoint,
  batchNormalizationIntoConvolution,
  scaleIntoWeights,
  clipGradient,
  pooledMean,
  biasIntoConvolution,
  symmetricPadding,
  swishGradientOfParts,
]);

/** @throws LensError of kind `model`, as `assembleExplainGraph` */
export const assembleForGpu = (request: ExplainRequest): ExplainGraph =>
  assembleExplainGraph(request, gpuPasses, shortRows);
