/** report.json, version 2: everything that any surface shows about one analysis, computed once. */
import type { LayerReport } from './layer-report';
import type { FilledStep } from './steps';
import type { LensReport } from './lens';
import type { OptionsReport } from './options';
import type { BoxReport, Moments, PointReport, Range, Real, RelativePath } from './report-values';
import type {
  ActivationKind,
  CamMethod,
  ClassifierKind,
  CropMode,
  DetectorId,
  DeviceChoice,
  DeviceName,
  WarningCode,
} from './vocabulary';

export type * from './layer-report';
export type { OptionsReport } from './options';
export type * from './report-values';
export type {
  ActivationChoice,
  ActivationKind,
  CamMethod,
  CropMode,
  DetectorChoice,
  DetectorId,
  DeviceName,
  HealthMark,
  WarningCode,
} from './vocabulary';

export interface Report {
  /** Rises when a reader of the older form would misread the newer one. */
  readonly version: 2;
  /** `<pipeline>_inference_<image stem>_<YYYYMMDD>_<HHMMSS>`, also the folder's name. */
  readonly processId: string;
  /** Local time, ISO 8601 with microseconds, without zone. */
  readonly timestamp: string;
  /** Name of the lens, else of the weights; begins the folder's name. */
  readonly pipeline: string;
  /** How the network was fed, read and named, and who said so; absent in reports of versions that did not record it. */
  readonly lens?: LensReport;
  readonly software: SoftwareReport;
  readonly device: DeviceReport;
  readonly model: ModelReport;
  readonly input: InputReport;
  readonly detection: DetectionReport;
  readonly preprocess: PreprocessReport;
  readonly target: TargetReport;
  /** The first is the one shown by default; the others are selectable. */
  readonly methods: readonly CamMethod[];
  /** In the order of the forward pass. */
  readonly layers: readonly LayerReport[];
  /** Raw little-endian float32 maps and vectors of all layers in one file; slices are named in each layer. */
  readonly mapsFile: RelativePath;
  /** True as long as the layers' pictures and statistics, `classifier.json` and `report.md` are not written: all are made from what is here. */
  readonly undrawn?: true;
  /** What could not be cached for the next analysis, and why; absent where everything was cached. */
  readonly notCached?: readonly string[];
  readonly classifier: ClassifierReport;
  readonly warnings: readonly WarningReport[];
  readonly timings: readonly TimingReport[];
  /** Absent in reports of versions that did not record it. */
  readonly options?: OptionsReport;
}

export interface SoftwareReport {
  readonly inferenceLens: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly sharp: string;
  /** Such as `linux-x64`. */
  readonly platform: string;
}

export interface DeviceReport {
  /** What was requested: a device, or `auto`. */
  readonly requested: DeviceChoice;
  readonly provider: DeviceName;
  readonly threads: number;
  /** Why each better device was skipped; empty if none was. */
  readonly passedOver: readonly {
    readonly provider: DeviceName;
    readonly reason: string;
    /** Whether skipping it is worth a warning: the hardware is there, and something keeps it from being used. */
    readonly present: boolean;
  }[];
  /** Absent where only the CPU could run the network, and in reports of versions that did not record it. */
  readonly placement?: PlacementReport;
}

/** Where the network's nodes ran, once the runtime had optimized it. */
export interface PlacementReport {
  /** The most nodes first; nodes that only copy between devices or change a layout are not counted. */
  readonly providers: readonly { readonly provider: DeviceName; readonly nodes: number }[];
  /** Operators that the CPU ran although another device was requested, those with the most data first. */
  readonly onCpu: readonly {
    readonly operator: string;
    readonly nodes: number;
    /** What they read and wrote in one run, without constants. */
    readonly bytes: number;
  }[];
  /** Copies between CPU and device in the middle of one run. */
  readonly copies: { readonly nodes: number; readonly bytes: number };
}

export interface ModelReport {
  /** Id in the model store, or the file's name. */
  readonly name: string;
  /** Absolute path of the file that was read; null for weights that this project generates. */
  readonly path: string | null;
  /** Of the file, or of the generated weights. */
  readonly sha256: string;
  /** Id of the architecture, such as `efficientnet_pytorch/b5`. */
  readonly architecture: string;
  readonly parameters: number;
  /** True for the seeded demo weights: every surface must say so. */
  readonly untrained: boolean;
  readonly inputShape: readonly number[];
  readonly labels: readonly string[];
  /** What was assumed because the file cannot tell. */
  readonly notes: readonly string[];
  /** How the checkpoint was read; absent for ONNX models and generated weights, and in reports that did not record it. */
  readonly checkpoint?: CheckpointReport;
  /** Where the network has more layers than are reported; absent where all are. */
  readonly layerSelection?: { readonly found: number; readonly shown: number };
}

/** What was taken from a checkpoint, and what was not. */
export interface CheckpointReport {
  /** The state dict that was requested; null where none was. */
  readonly requestedStateDict: string | null;
  /** The one that was read: "model", "state_dict.ema"; "." is the whole file. */
  readonly stateDict: string;
  /** Others in the file that can be requested. */
  readonly otherStateDicts: readonly string[];
  /** The file's name for the last layer, where it is not its library's. */
  readonly renamedHead: string | null;
  /** Tensors outside the network, larger modules in one word: "n_averaged", "ema.* (122 tensors)". */
  readonly leftAside: readonly string[];
  /** Names that Python would import or call on opening the file, of libraries unknown here; none was. */
  readonly unknownNames: readonly string[];
  /** As which network it was read, why, and which others have the same names and shapes; in sentences. */
  readonly readAs: string;
  /** Those others, by the ids that can be requested. */
  readonly twins: readonly string[];
}

export interface InputReport {
  /** Absolute path of the image. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Such as `jpeg`. */
  readonly format: string;
  /** After the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** 1 where the file states none. */
  readonly exifOrientation: number;
  readonly bitDepth: number;
  readonly colorSpace: string;
  readonly hadAlpha: boolean;
  readonly frames: number;
  readonly pictures: { readonly original: RelativePath; readonly overlay: RelativePath };
  /** Of a picture that was painted over by hand before it was analyzed (`options.strokes`); absent for the file as it is. */
  readonly edited?: EditedReport;
}

export interface EditedReport {
  readonly strokes: number;
  /** Pixels that they cover. */
  readonly pixels: number;
  /** What was analyzed. `original` is the file's own picture. */
  readonly picture: RelativePath;
}

/** `unseen`: BlazeFace sees no face there; `beyond-anchors`: larger than the network's anchors can measure. */
export type FaceDoubt = 'unseen' | 'beyond-anchors';

export interface FaceReport {
  readonly box: BoxReport;
  /** 0..1; null where no detector scored it (`none`, `box`). */
  readonly score: number | null;
  /** Image-left eye, image-right eye, nose, image-left and image-right mouth corner; null where unknown. */
  readonly landmarks: readonly PointReport[] | null;
  /** True where some landmark was derived from others rather than detected. */
  readonly landmarksEstimated: boolean;
  /** Why it may not be a face, or not a whole one; absent if there is no doubt. */
  readonly doubt?: FaceDoubt;
}

export interface DetectionReport {
  readonly detector: DetectorId;
  /** One sentence: which network, which thresholds, why this one. */
  readonly description: string;
  /** Where the detector's network ran; absent where no network looked, and in reports of versions that did not record it. */
  readonly device?: {
    readonly provider: DeviceName;
    /** As the classifier's: absent where only the CPU could run it. */
    readonly placement?: PlacementReport;
  };
  /** Longest side that was requested; null for the sizes that the detector chooses. */
  readonly maxSize: number | null;
  /** All that were found; the first was analyzed. Largest first, except for boxes in doubt, which a detector may put last. */
  readonly faces: readonly FaceReport[];
  readonly crop: {
    /** Integer pixels of the input image that were cut out. */
    readonly box: BoxReport;
    /** Width of the picture given to the network, and its height where that is not given. */
    readonly size: number;
    /** Height of the picture given to the network, if it is not square. */
    readonly height?: number;
    /** Whether the image border cut the square short. */
    readonly clamped: boolean;
    /** How it was cut: 1.2 times the face, SelfBlendedImages' eighths, or the whole picture. */
    readonly mode: CropMode | 'whole';
  };
  readonly pictures: { readonly crop: RelativePath; readonly mask: RelativePath | null };
}

/** Null where the pipeline has no wavelet step. */
export interface WaveletReport {
  readonly wavelet: string;
  readonly mode: string;
  /** In the order in which the network receives them. */
  readonly planes: readonly (Moments & {
    /** The reference's label, such as `cA_r`; named after the position, not after the light. */
    readonly label: string;
    /** The color that goes with the label in the report's text, such as `red`. */
    readonly labelColor: string;
    /** The color plane of the image that it was computed from. */
    readonly plane: 'red' | 'green' | 'blue';
    readonly picture: RelativePath;
  })[];
  readonly pictures: { readonly processed: RelativePath };
}

/** What one step made of the picture: the flight recorder's line. */
export interface StepReport {
  /** The step and its parameters, as they ran: running the list again gives the same numbers. */
  readonly config: FilledStep;
  /** What the step says of itself beyond its numbers. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** [channels, height, width]. */
  readonly shape: readonly number[];
  readonly type: 'uint8' | 'float32';
  /** Of each channel, in the order of the data. */
  readonly channels: readonly (Range & { readonly channel: string })[];
}

export interface PreprocessReport {
  /** In order, from the pixels that were cut out to the tensor; empty in reports of version 1, which did not record them. */
  readonly steps: readonly StepReport[];
  readonly wavelet: WaveletReport | null;
  /** Order of the color planes in the tensor, such as `BGR`. */
  readonly channelOrder: string;
  /** Of the tensor that the network receives. */
  readonly tensor: Range;
  /** What the model saw in training, for the value range warning; null if unknown. */
  readonly expectedRange: readonly [number, number] | null;
}

export interface TargetReport {
  /** As requested: a label, an index, or `pred`. */
  readonly requested: string;
  readonly index: number;
  readonly label: string;
}

/** How the network's outputs were read: decided once for a network, never from one image. */
export interface ActivationReport {
  readonly kind: ActivationKind;
  /**
   * `graph`: read from the file's operators; `measured`: from what 16 seeded inputs gave; `architecture`: the recognized network
   * ends in logits; `assumed`: nothing said so, and the outputs were taken for logits; `option`: requested.
   */
  readonly origin: 'graph' | 'measured' | 'architecture' | 'assumed' | 'option';
  /** True where every class has a probability of its own, so that they need not sum to 1. */
  readonly multiLabel: boolean;
  /** Above which probability a class is the verdict: the last one of a network with one logit, each of several labels. Null for all others. */
  readonly threshold: number | null;
  /** What was applied to what, why, and how a single logit was read, in a sentence or two. */
  readonly description: string;
}

/** The label of a verdict that cannot be given, because logits are not numbers. */
export const UNDECIDED = 'undecided';

export interface ClassifierReport {
  readonly labels: readonly string[];
  /** What was explained, one per class; one alone where a single logit stands for two classes: it belongs to the last label. */
  readonly logits: readonly Real[];
  /** One per class; null where there are none: logits that are not numbers, or outputs that are not probabilities. */
  readonly probabilities: readonly Real[] | null;
  /** The index is null, and the label UNDECIDED, where logits are not numbers. */
  readonly predicted: { readonly index: number | null; readonly label: string };
  /** Probability of the predicted class; null where there is none. */
  readonly confidence: Real | null;
  /** Absent in reports of versions that did not record it. */
  readonly kind?: ClassifierKind;
  /** Of kind `multi`: the classes whose probability is above the activation's threshold, the most probable first. */
  readonly verdict?: readonly {
    readonly index: number;
    readonly label: string;
    readonly probability: Real;
  }[];
  /** Absent in reports of versions that did not record it. */
  readonly activation?: ActivationReport;
  /** Of a file that does not compute in float32 throughout; absent for all others. */
  readonly precision?: PrecisionReport;
}

/** A quantized or 16-bit file beside its float equivalent, which the layers are of. */
export interface PrecisionReport {
  readonly kind: 'float16' | 'quantized';
  /** What the file gives as it is; null where the runtime cannot run it. */
  readonly fileLogits: readonly Real[] | null;
  /** What the float equivalent gives. */
  readonly floatLogits: readonly Real[];
  /** |file - float| / |file|, Euclidean; null where either is unknown or not finite. */
  readonly distance: number | null;
  /** Whether both decide for the same class; null where one does not decide. */
  readonly sameClass: boolean | null;
  /** What the file's quantization cuts off and the float equivalent does not; absent of 16-bit files, and of those that quantize no activation. */
  readonly beyondRange?: BeyondRangeReport;
  readonly description: string;
}

/** Quantized tensors whose range does not hold all their values. */
export interface BeyondRangeReport {
  readonly tensors: number; // of these, which were counted:
  readonly of: number;
  /** The tensor of which most is cut off, and how much of it, 0..1; null where none is. */
  readonly most: { readonly tensor: string; readonly share: number } | null;
}

export interface WarningReport {
  readonly code: WarningCode;
  /** A sentence with the number that caused it. */
  readonly message: string;
  /** The layers concerned, if any. */
  readonly layers: readonly string[];
}

export interface TimingReport {
  readonly step: string;
  readonly milliseconds: number;
}
