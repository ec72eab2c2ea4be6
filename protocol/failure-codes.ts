/**
 * Every failure has a code, which stays what it is while messages get better: for scripts, for searching, and for programs that do
 * something special after some of them. One row each; docs/failures.md lists them. The last of each kind has the kind's name: any
 * other failure of that kind.
 */

/** Who has to act: the command line has an exit code for each, the editor a title. */
export type FailureKind = 'usage' | 'image' | 'model' | 'device' | 'output' | 'cancelled' | 'internal';

interface FailureRow {
  readonly kind: FailureKind;
  /** A phrase in Markdown, without a capital or a period. */
  readonly means: string;
}

export const FAILURE_CODES = {
  'no-weights': { kind: 'usage', means: 'a network was named for which there are no trained weights' },
  'no-ffmpeg': { kind: 'usage', means: "a video is to be read, and the user's `ffmpeg` was not found" },
  'no-target': { kind: 'usage', means: 'the network has no class of the name or index that was requested' },
  'no-report': { kind: 'usage', means: 'a `report.json` that cannot be read, or is none' },
  'lens-unreadable': { kind: 'usage', means: 'a lens file that is not JSON' },
  'lens-invalid': {
    kind: 'usage',
    means: 'a lens file that says what no lens may say; all its problems are listed',
  },
  untrusted: { kind: 'usage', means: 'the workspace is not trusted, so what a report names is not read' },
  usage: { kind: 'usage', means: 'another fault in what was requested' },
  'no-file': { kind: 'image', means: 'the image is not there, or not there any more' },
  'not-an-image': { kind: 'image', means: 'a folder, a device, or a file that is no picture' },
  'image-damaged': { kind: 'image', means: 'a picture that is not what it was written as' },
  'image-unsupported': { kind: 'image', means: 'a picture of a kind that is not read' },
  'image-too-large': { kind: 'image', means: 'more pixels than are read' },
  'image-unsafe': { kind: 'image', means: 'a picture made to exhaust memory or time' },
  'no-face': {
    kind: 'image',
    means: 'the detector found no face; a box can be given, or the whole image taken',
  },
  image: { kind: 'image', means: 'another fault of the picture' },
  'no-model': { kind: 'model', means: 'neither a file nor a model in the store has that name' },
  'model-damaged': { kind: 'model', means: 'a model file that is not what it was written as' },
  'model-unsupported': { kind: 'model', means: 'a model file of a kind that is not read' },
  'model-too-large': { kind: 'model', means: 'more memory, layers, operators or classes than are allowed' },
  'model-unsafe': { kind: 'model', means: 'a file that would run code in Python' },
  'unknown-network': {
    kind: 'model',
    means: "tensors of a network that is not known, or not that network's",
  },
  'unknown-operator': {
    kind: 'model',
    means: 'an operator that is not known, or whose result has no known shape',
  },
  'no-gradient': { kind: 'model', means: 'an operator on the way to the output has no gradient' },
  model: { kind: 'model', means: 'another fault of the model' },
  'no-device': { kind: 'device', means: 'the device that was requested is not available' },
  device: { kind: 'device', means: 'another fault of the device' },
  'disk-full': { kind: 'output', means: 'no room is left where the report goes, or a quota is used up' },
  'not-writable': { kind: 'output', means: 'nothing may be written where the report goes' },
  output: { kind: 'output', means: 'another fault of the output folder' },
  cancelled: { kind: 'cancelled', means: 'it was stopped' },
  crashed: {
    kind: 'internal',
    means: 'the process that computes has ended; the next request starts another',
  },
  internal: { kind: 'internal', means: 'a bug in Inference Lens' },
} as const satisfies Readonly<Record<string, FailureRow>>;

export type FailureCode = keyof typeof FAILURE_CODES;

/** The codes of one kind. */
export type CodeOf<Kind extends FailureKind> = {
  [Code in FailureCode]: (typeof FAILURE_CODES)[Code]['kind'] extends Kind ? Code : never;
}[FailureCode];

export const isFailureCode = (text: unknown): text is FailureCode =>
  typeof text === 'string' && Object.hasOwn(FAILURE_CODES, text);
