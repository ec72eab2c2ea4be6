/** EfficientNet's compound scaling: the B0 stages, and the width and depth of B1 to B8 (arXiv 1905.11946). */
import { divisible } from './divisible';

export type Variant = 'b0' | 'b1' | 'b2' | 'b3' | 'b4' | 'b5' | 'b6' | 'b7' | 'b8';

interface Scaling {
  readonly width: number;
  readonly depth: number;
  /** Side in pixels that the variant was designed for. */
  readonly size: number;
}

export const scalings: Readonly<Record<Variant, Scaling>> = {
  b0: { width: 1.0, depth: 1.0, size: 224 },
  b1: { width: 1.0, depth: 1.1, size: 240 },
  b2: { width: 1.1, depth: 1.2, size: 260 },
  b3: { width: 1.2, depth: 1.4, size: 300 },
  b4: { width: 1.4, depth: 1.8, size: 380 },
  b5: { width: 1.6, depth: 2.2, size: 456 },
  b6: { width: 1.8, depth: 2.6, size: 528 },
  b7: { width: 2.0, depth: 3.1, size: 600 },
  b8: { width: 2.2, depth: 3.6, size: 672 },
};

export const variants = Object.keys(scalings) as readonly Variant[];

/** One inverted residual block. */
export interface Block {
  /** Index of its stage and its place in there. */
  readonly stage: number;
  readonly index: number;
  readonly kernel: number;
  readonly stride: number;
  /** Channels inside are this many times the input's. */
  readonly expansion: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A stage: `repeats` blocks, of which only the first has the stride and changes the channels. */
export interface Stage {
  readonly kernel: number;
  readonly stride: number;
  readonly expansion: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly repeats: number;
}

const b0Stages: readonly Stage[] = [
  { repeats: 1, kernel: 3, stride: 1, expansion: 1, inputs: 32, outputs: 16 },
  { repeats: 2, kernel: 3, stride: 2, expansion: 6, inputs: 16, outputs: 24 },
  { repeats: 2, kernel: 5, stride: 2, expansion: 6, inputs: 24, outputs: 40 },
  { repeats: 3, kernel: 3, stride: 2, expansion: 6, inputs: 40, outputs: 80 },
  { repeats: 3, kernel: 5, stride: 1, expansion: 6, inputs: 80, outputs: 112 },
  { repeats: 4, kernel: 5, stride: 2, expansion: 6, inputs: 112, outputs: 192 },
  { repeats: 1, kernel: 3, stride: 1, expansion: 6, inputs: 192, outputs: 320 },
];

/** Channels scaled by the variant's width: to the nearest multiple of 8, but never more than 10% down. */
export function scaledChannels(channels: number, variant: Variant): number {
  return divisible(channels * scalings[variant].width);
}

/** The parts of a network of the family. */
export interface EfficientNetPlan {
  /** Channels of the first convolution and of the last. */
  readonly stem: number;
  readonly last: number;
  readonly blocks: readonly Block[];
  /** Side in pixels that it was designed for. */
  readonly size: number;
  /** Without squeeze and excitation, and with ReLU6 for SiLU. */
  readonly lite: boolean;
}

export const scaledPlan = (variant: Variant): EfficientNetPlan => ({
  stem: scaledChannels(32, variant),
  last: scaledChannels(1280, variant),
  // Computed on demand: every start of the program lists the plans of all networks, and builds at most one.
  get blocks() {
    return scaledBlocks(variant);
  },
  size: scalings[variant].size,
  lite: false,
});

/** TensorFlow's efficientnet_lite_builder.py: width, depth, size. */
const lites = [
  { width: 1.0, depth: 1.0, size: 224 },
  { width: 1.0, depth: 1.1, size: 240 },
  { width: 1.1, depth: 1.2, size: 260 },
  { width: 1.2, depth: 1.4, size: 280 },
  { width: 1.4, depth: 1.8, size: 300 },
] as const;

/** Lite0 to Lite4: stem, last convolution, and the repeats of the first and last stage are not scaled. */
export const litePlans: readonly EfficientNetPlan[] = lites.map(({ width, depth, size }) => {
  const last = b0Stages.length - 1;
  const stages = (): readonly Stage[] =>
    b0Stages.map((stage, index) => ({
      ...stage,
      inputs: index === 0 ? stage.inputs : divisible(stage.inputs * width),
      outputs: divisible(stage.outputs * width),
      repeats: index === 0 || index === last ? stage.repeats : Math.ceil(stage.repeats * depth),
    }));
  return {
    stem: 32,
    last: 1280,
    get blocks() {
      return expandStages(stages());
    },
    size,
    lite: true,
  };
});

/** The variant's blocks in order. */
export function scaledBlocks(variant: Variant): readonly Block[] {
  return expandStages(
    b0Stages.map((stage) => ({
      ...stage,
      inputs: scaledChannels(stage.inputs, variant),
      outputs: scaledChannels(stage.outputs, variant),
      repeats: Math.ceil(stage.repeats * scalings[variant].depth),
    })),
  );
}

export function expandStages(stages: readonly Stage[]): readonly Block[] {
  return stages.flatMap(({ repeats, ...first }, stage) =>
    Array.from({ length: repeats }, (_, index) =>
      index === 0 ? { ...first, stage, index } : { ...first, stage, index, stride: 1, inputs: first.outputs },
    ),
  );
}
