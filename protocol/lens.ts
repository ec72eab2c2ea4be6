/** A lens: how one model wants to be fed, read and named; what a `*.lens.json` file holds, and where each value came from. */
import type { LensExpect } from './expect';
import type { ActivationChoice, CamMethod, CropMode, DetectorChoice } from './vocabulary';

/** How the name of a lens file ends. */
export const LENS_SUFFIX = '.lens.json';

/** One step from the picture to the tensor: its name and its parameters. */
export interface LensStep {
  readonly step: string;
  readonly [parameter: string]: unknown;
}

/** Axes of the network's input: batch, channels, height, width; no N without a batch, no C where it is gray. */
export const INPUT_LAYOUTS = ['NCHW', 'NHWC', 'CHW', 'HWC', 'NHW', 'HW'] as const;
export type InputLayout = (typeof INPUT_LAYOUTS)[number];

export const INPUT_TYPES = ['float32', 'float16', 'uint8'] as const;
export type InputType = (typeof INPUT_TYPES)[number];

export interface LensDetector {
  /** `auto` where it is left out. */
  readonly use?: DetectorChoice;
  readonly crop?: CropMode;
}

export interface LensInput {
  readonly layout?: InputLayout;
  readonly type?: InputType;
  /** Pixels: a side of a square, or [height, width]. */
  readonly size?: number | readonly [height: number, width: number];
  /** The values that the network was fed in training. */
  readonly range?: readonly [least: number, greatest: number];
}

export interface LensOutput {
  /** Of a network with several outputs. */
  readonly name?: string;
  /** `auto` reads it from the network. */
  readonly activation?: ActivationChoice;
  /** Of a network with one logit: probability of the last class above which it is the verdict. */
  readonly threshold?: number;
}

export interface Lens {
  /** A sentence for people. */
  readonly description?: string;
  /** A path below the lens's folder, an id of the model store, or a built-in network. */
  readonly model?: string;
  /** Names of the classes by index, or the path of a file that lists them. */
  readonly labels?: readonly string[] | string;
  /** Null and left out: no face stage at all. */
  readonly detector?: LensDetector | null;
  readonly preprocess?: readonly LensStep[];
  readonly input?: LensInput;
  readonly output?: LensOutput;
  /** A class by name or index, or `predicted`. */
  readonly target?: string;
  /** Globs over layer names; all layers where it is left out. */
  readonly layers?: readonly string[];
  readonly methods?: readonly CamMethod[];
  /** What `inference-lens check` expects of a set of pictures; changes no number. */
  readonly expect?: LensExpect;
}

/** What a lens says, value by value; each has one origin. */
export const LENS_KEYS = [
  'labels',
  'detector.use',
  'detector.crop',
  'preprocess',
  'input.layout',
  'input.type',
  'input.size',
  'input.range',
  'output.name',
  'output.activation',
  'output.threshold',
  'target',
  'layers',
  'methods',
] as const;
export type LensKey = (typeof LENS_KEYS)[number];

/**
 * Sources of a value, in order of precedence. `files` are those beside the model; a `guess` may be wrong; a
 * `default` changes no number.
 */
export const LENS_ORIGINS = [
  'graph',
  'option',
  'lens',
  'beside',
  'store',
  'metadata',
  'files',
  'architecture',
  'guess',
  'default',
] as const;
export type LensOrigin = (typeof LENS_ORIGINS)[number];

export interface LensValueReport {
  readonly key: LensKey;
  /** As the lens would write it. */
  readonly value: unknown;
  readonly origin: LensOrigin;
  /** Where exactly it was read, or why it was assumed, in a clause. */
  readonly detail: string;
  /** Of a guess: what else it could be. */
  readonly others?: readonly string[];
}

export interface LensReport {
  /** Name of the lens that was given or found; null where all values were derived. */
  readonly name: string | null;
  /** Absolute path of the file; absent for built-in and derived ones. */
  readonly path?: string;
  readonly values: readonly LensValueReport[];
}
