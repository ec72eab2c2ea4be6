/** What sources say about a model, value by value. */
import type { InputLayout, InputType, LensKey, LensOrigin, LensStep } from '../../../protocol/lens';
import type { ActivationChoice, CamMethod, CropMode, DetectorChoice } from '../../../protocol/vocabulary';

/** Which `preprocess_input` of Keras a network was published with; `inside`: it does it itself. */
export type KerasMode = 'caffe' | 'tf' | 'torch' | 'inside';

export type InputSize = readonly [height: number, width: number];

export interface LensValues {
  readonly labels: readonly string[];
  /** `none`: no face stage. */
  readonly 'detector.use': DetectorChoice;
  readonly 'detector.crop': CropMode;
  readonly preprocess: readonly LensStep[];
  readonly 'input.layout': InputLayout;
  readonly 'input.type': InputType;
  readonly 'input.size': InputSize;
  readonly 'input.range': readonly [least: number, greatest: number];
  readonly 'output.name': string;
  readonly 'output.activation': ActivationChoice;
  readonly 'output.threshold': number;
  readonly target: string;
  readonly layers: readonly string[];
  readonly methods: readonly CamMethod[];
}

export interface StatedValue<K extends LensKey = LensKey> {
  readonly value: LensValues[K];
  /** Where exactly it is, or why it was assumed; a clause. */
  readonly detail: string;
  /** Of a choice between several: the others, each a clause. A value with others is a guess. */
  readonly others?: readonly string[];
  /** What the same source says otherwise elsewhere: clauses. */
  readonly notTaken?: readonly string[];
}

/** All that one source says; what it leaves out, the next one may say. */
export interface LensSource {
  readonly origin: LensOrigin;
  /** Of the lens, where the source is one. */
  readonly lens: {
    readonly name: string;
    readonly path: string | null;
    /** Ships, or was made of what a model's writer left: it says how pictures are prepared in all, the graph's own part included. */
    readonly derived: boolean;
  } | null;
  /** How errors call the source, such as `The lens fsbi`. */
  readonly subject: string;
  readonly values: { readonly [K in LensKey]?: StatedValue<K> };
}

export interface TakenValues {
  readonly range: 'bytes' | 'unit';
  /** Verb phrase: `normalizes "x" itself (Sub, Div)`. */
  readonly because: string;
  /** Of an integer input: nothing beyond 0..255 arrives. */
  readonly whole: boolean;
  /** The graph subtracts a mean itself. */
  readonly centers: boolean;
}

/** What is proved by the network itself, whatever anybody says. */
export interface Proved {
  /** How errors call the network: `best.onnx (onnx)`. */
  readonly subject: string;
  readonly layout: InputLayout;
  readonly type: InputType;
  readonly channels: number;
  readonly size: InputSize;
  /** Whether the file fixes it; otherwise it is what was requested. */
  readonly sizeIsFixed: boolean;
  /** One logit stands for two classes. */
  readonly logits: number;
  readonly classes: number;
  readonly outputs: readonly string[];
  /** Class names that the graph itself holds; null where it holds none. */
  readonly labels: readonly string[] | null;
  /**
   * The arithmetic that the graph does itself after its input: none, or on 0..255 (`bytes`), 0..1 (`unit`),
   * or unknown.
   */
  readonly normalizes: 'bytes' | 'unit' | 'other' | null;
  /** What follows from that for the values of the picture; null where nothing does. */
  readonly takes: TakenValues | null;
  /**
   * What the last operators make of the logits, `none` where they force probabilities otherwise; null if they
   * show nothing.
   */
  readonly activation: 'softmax' | 'sigmoid' | 'none' | null;
  /** Of a graph from TensorFlow: which of keras.applications it is, as far as its layers' names show; null for all others. */
  readonly tensorflow: {
    readonly application: { readonly name: string; readonly mode: KerasMode } | null;
  } | null;
}

/** What sources may look at. */
export interface ModelFacts {
  /** For people: an id of the store, a file name, or what was generated. */
  readonly name: string;
  /** Of the user's own file; null for weights of the store and generated ones. */
  readonly path: string | null;
  /** Id of the architecture; `onnx` where the file brings its own. */
  readonly architecture: string;
  readonly sha256: () => Promise<string | null>;
  /** Null where only loading the network would show it. */
  readonly classes: () => Promise<number | null>;
  /** The file's own metadata; empty before it is loaded. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Null before it is loaded. */
  readonly proved: Proved | null;
}
