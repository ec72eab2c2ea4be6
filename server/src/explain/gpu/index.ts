/** The explain graph for GPUs, where a node costs a launch whatever it computes, and each convolution the search for an algorithm. */
import { assembleExplainGraph, type ExplainGraph, type ExplainRequest } from '../assemble';
import type { Provider } from '../../runtime/session';
import type { GraphPass } from '../passes';
import { addTarget } from '../target';
import { batchNormalizationIntoConvolution } from '../passes/batch-normalization';
import { biasIntoConvolution } from '../passes/bias-into-convolution';
import { clipGradient } from '../passes/clip-gradient';
import { layerStatistics } from '../passes/layer-statistics';
import { pooledMean } from '../passes/pooled-mean';
import { scaleIntoWeights } from '../passes/scale-into-weights';
import { strideOneAdjoint } from '../passes/stride-one-adjoint';
import { broadcastByOperator } from './broadcast';
import { factorIntoWeights } from './factor-into-weights';
import { gateSlope } from './gate-slope';
import { groupedLayers } from './grouped-layers';
import { groupedSwishGradient } from './swish-gradient';
import { symmetricPadding } from './symmetric-padding';
import { targetInFloats } from './target';
import { wideMean } from './wide-mean';

/**
 * Those of `explainPasses` that make fewer nodes, and not those that trade a pass over memory for more of them: strided convolutions in
 * phases, gates within weights, sums as convolutions. With the CPU's list, EfficientNet-B5 has 2,891 nodes, and CUDA searches
 * algorithms for 308 convolutions more, which took 48 s instead of 4 before the first picture (bench/GPU.md).
 */
const gpuPasses = (most: number): readonly GraphPass[] => [
  layerStatistics,
  strideOneAdjoint,
  batchNormalizationIntoConvolution,
  scaleIntoWeights,
  clipGradient,
  pooledMean,
  wideMean,
  biasIntoConvolution,
  symmetricPadding,
  broadcastByOperator,
  factorIntoWeights,
  gateSlope(most),
  groupedSwishGradient(most),
];

/**
 * Parts of a Split: CUDA passes up to this many pointers to its kernel by value; more would be copied to the device first (`TArray`). WebGPU gives a program
 * eight buffers at least, those of Split are its operand and its parts.
 */
const MOST_PARTS: Partial<Readonly<Record<Provider, number>>> = { cuda: 32 };
const PARTS_OF_OTHERS = 7;

export const passesFor = (provider: Provider): readonly GraphPass[] =>
  gpuPasses(MOST_PARTS[provider] ?? PARTS_OF_OTHERS);

/** @throws LensError of kind `model`, as `assembleExplainGraph` */
export const assembleForGpu = (request: ExplainRequest, provider: Provider): ExplainGraph =>
  assembleExplainGraph(request, passesFor(provider), {
    reduce: groupedLayers,
    target: provider === 'webgpu' ? targetInFloats : addTarget,
  });
