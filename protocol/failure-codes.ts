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
  'no-ffmpeg': { kind: 'usage', means: "a video needs the user's `ffmpeg`, which was not found" },
  'no-target': { kind: 'usage', means: 'the network has no class of the name or index that was requested' },
  'no-report': { kind: 'usage', means: 'a `report.json` that cannot be read, or is not one' },
  'lens-unreadable': { kind: 'usage', means: 'a lens file that is not JSON' },
  'lens-invalid': {
    kind: 'usage',
    means: 'a lens file with invalid keys or values; all its problems are listed',
  },
  untrusted: { kind: 'usage', means: 'the workspace is not trusted, so what a report names is not read' },
  usage: { kind: 'usage', means: 'another error in the request' },
  'no-file': { kind: 'image', means: 'the image does not exist, or no longer does' },
  'not-an-image': { kind: 'image', means: 'a folder, a device, or a file that is not a picture' },
  'image-damaged': { kind: 'image', means: 'a damaged picture' },
  'image-unsupported': { kind: 'image', means: 'a picture in an unsupported format' },
  'image-too-large': { kind: 'image', means: 'more pixels than are allowed' },
  'image-unsafe': { kind: 'image', means: 'a picture made to exhaust memory or time' },
  'no-face': {
    kind: 'image',
    means: 'the detector found no face; give a box, or analyze the whole image',
  },
  image: { kind: 'image', means: 'another problem with the picture' },
  'no-model': { kind: 'model', means: 'neither a file nor a model in the store has that name' },
  'model-damaged': { kind: 'model', means: 'a damaged model file' },
  'model-unsupported': { kind: 'model', means: 'a model file in an unsupported format' },
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
  model: { kind: 'model', means: 'another problem with the model' },
  'no-device': { kind: 'device', means: 'the device that was requested is not available' },
  device: { kind: 'device', means: 'another problem with the device' },
  'disk-full': { kind: 'output', means: 'the disk that the report goes to is full, or a quota is used up' },
  'not-writable': { kind: 'output', means: 'the output folder cannot be written' },
  output: { kind: 'output', means: 'another problem with the output folder' },
  cancelled: { kind: 'cancelled', means: 'the job was stopped' },
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
