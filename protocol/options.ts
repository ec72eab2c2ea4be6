/**
 * Every option of an analysis, one row each. Types, the command line's parsing and help, the editor's settings, the server's checks,
 * the part of a report that says what was requested, the manifest, the schema and the documentation are derived from the rows.
 */
import type { OptionRow, SettingRow } from './option-row';
import {
  ACTIVATION_CHOICES,
  BUILT_IN_LENSES,
  CAM_METHODS,
  CROP_MODES,
  DETECTOR_CHOICES,
  DEVICE_CHOICES,
  PICTURE_CHOICES,
  SWITCH,
} from './vocabulary';
import { BOX, PATH, STROKES, TEXT, count, number, word, words, type ValueOf } from './values';

/** The section of the editor's settings. A setting has its option's name. */
export const SECTION = 'inferenceLens';

export const OPTIONS = {
  /** An id of the model store, a path, `demo`, or null for the lens's own; where no lens is requested either, FSBI's from the store, else the network that ships. */
  weights: {
    kind: TEXT,
    default: null,
    help: 'weights of the classifier: a checkpoint (`.tar .pth .pt .zip .safetensors`), an `.onnx` file, or an id in the model store; for a checkpoint in several parts, its index, any part or the folder',
    open: "the lens's; without a lens, FSBI's if they are imported, else the included `mobilenet_v2`, trained on ImageNet; `demo` stands for untrained weights, which predict nothing",
    flag: { name: 'weights', value: '<file|id>' },
    setting: {
      scope: 'resource',
      restricted: true,
      more: '**Inference Lens: Select Weights...** lists what is available',
    },
    recorded: 'taken',
  },
  /** Which state dict of a checkpoint that holds several: "model", "state_dict.ema". */
  stateDict: {
    kind: TEXT,
    default: null,
    help: 'state dict to read from a checkpoint that holds several, such as `state_dict_ema` or `teacher`',
    open: 'the first of `model`, `state_dict`, `net`, `ema` and the like, with a warning that names the others',
    more: 'for weights in the store, the choice made on import applies',
    flag: { name: 'state-dict', value: '<name>' },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  /** An architecture's id, for weights whose file cannot tell; null recognizes it. */
  architecture: {
    kind: TEXT,
    default: null,
    help: 'network that a checkpoint is read as, if its names and shapes fit several, such as `timm/tf_efficientnet_b0` or `timm/resnetblur50`',
    open: "what the file's names say, else the most likely one; the report names the others",
    more: 'an `.onnx` file needs none',
    flag: { name: 'architecture', value: '<id>' },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  /** Name of a built-in lens, or the path of a lens file. */
  lens: {
    kind: TEXT,
    default: null,
    help: `how the network wants to be fed, read and named: a built-in lens (${BUILT_IN_LENSES.map(({ id }) => `\`${id}\``).join(', ')}) or the path of a \`*.lens.json\` file`,
    open: 'the lens beside the weights or in the store, else what the file, its folder and the architecture imply, else a guess; the report says which, value by value',
    flag: { name: 'lens', value: '<name|path>' },
    setting: {
      scope: 'resource',
      restricted: true,
      more: 'relative paths start at the workspace folder',
    },
    recorded: 'asked',
    younger: true,
  },
  /** The older name of a built-in lens. */
  pipeline: {
    kind: TEXT,
    default: null,
    help: 'deprecated, use a lens: `fsbi`, `sbi` or `imagenet`; used only if no lens is given',
    replacedBy: 'lens',
    flag: { name: 'pipeline', value: '<id>' },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  /** A class label, a class index written in digits, or `pred`; null is the lens's own. */
  target: {
    kind: TEXT,
    default: null,
    help: 'class whose evidence the heatmaps show: a label such as `fake` or `real`, an index (`index:2` where a class is called 2), or `pred` for the predicted class',
    open: "the lens's",
    flag: { name: 'target', value: '<class>' },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  methods: {
    kind: words(CAM_METHODS),
    default: null,
    help: 'heatmap methods to compute',
    open: "the lens's, else `gradcam`",
    more: 'the first is shown, and the report can switch to the others; each adds a little time',
    flag: { name: 'method', value: '<names>', more: 'separated by commas, or `all`' },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  /** Patterns over the names of layers, with commas between them; null for those that are shown by themselves. */
  layers: {
    kind: TEXT,
    default: null,
    help: 'layers to show, as patterns over their names such as `features.*`, `blocks[-1]`, `last` or `all`, separated by commas',
    open: '8 to 48 modules of an `.onnx` file, all layers of other networks',
    more: '`inference-lens layers <file>` lists them',
    flag: { name: 'layers', value: '<patterns>' },
    setting: { scope: 'resource' },
    recorded: 'asked',
    younger: true,
  },
  /** What turns the outputs into probabilities. */
  activation: {
    kind: word(ACTIVATION_CHOICES),
    default: null,
    help: "what turns the network's outputs into probabilities",
    open: "the lens's, else `auto`",
    flag: {
      name: 'activation',
      value: '<name>',
      more: '`auto` reads it from the network, and the report says how; `none`: they are probabilities',
    },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  detector: {
    kind: word(DETECTOR_CHOICES),
    default: null,
    help: 'face detector',
    open: "the lens's, which may have none",
    flag: { name: 'detector', value: '<name>', more: '`none` is for pictures that are already face crops' },
    setting: { scope: 'resource' },
    recorded: 'taken',
  },
  /** A face box given by hand: replaces detection. */
  box: {
    kind: BOX,
    default: null,
    help: 'a face box given by hand, in pixels',
    more: 'replaces detection',
    flag: { name: 'box', value: '<x0,y0,x1,y1>' },
    setting: null,
    recorded: 'asked',
  },
  /** Of `protocol/strokes.ts`. */
  strokes: {
    kind: STROKES,
    default: null,
    help: 'parts of the picture that are painted over, with a color or blurred, before anything else is done with it; the report says so',
    flag: { name: 'strokes', value: '<file>', more: 'a JSON file, which docs/by-hand.md describes' },
    ...{ setting: null, recorded: 'asked', younger: true },
  },
  crop: {
    kind: word(CROP_MODES),
    default: null,
    help: 'how the face is cut out',
    open: "the lens's",
    flag: {
      name: 'crop',
      value: '<mode>',
      more: '`square` is 1.2 times the face, `sbi` an eighth on each side',
    },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  /** Longest side that RetinaFace sees, in pixels; null lets the network decide. */
  maxSize: {
    kind: count(32, 16384),
    default: null,
    help: 'longest side in pixels that RetinaFace sees: the image is scaled to it',
    more: 'smaller is faster and misses small faces',
    open: "the image's own size, and for RetinaFace MobileNet also 640, at which it finds large faces",
    flag: { name: 'max-size', value: '<pixels>' },
    setting: { scope: 'resource' },
    recorded: 'asked',
  },
  /** Not recorded: the report says whether its layers are drawn. */
  pictures: {
    kind: word(PICTURE_CHOICES),
    default: null,
    help: 'when the pictures of the layers are drawn into the folder of a report',
    open: "`later` in the extension's own storage, else `drawn`",
    flag: null,
    setting: { scope: 'resource' },
    recorded: null,
  },
  device: {
    kind: word(DEVICE_CHOICES),
    default: 'auto',
    help: 'device to compute on',
    more: 'a device other than `auto` that is not available is an error, never a silent fallback',
    flag: { name: 'device', value: '<name>' },
    setting: { scope: 'machine-overridable' },
    recorded: 'asked',
  },
  threads: {
    kind: count(1, 512),
    default: null,
    help: 'CPU threads',
    open: 'one per core',
    flag: { name: 'threads', value: '<n>' },
    setting: { scope: 'machine-overridable' },
    recorded: 'asked',
  },
  /** MB of 10^6 bytes, up to 16 TB. Not recorded: it is this machine's to set, and a report from elsewhere must not raise it. */
  memoryLimit: {
    kind: count(16, 16e6),
    default: null,
    help: 'memory in MB that a network may use',
    more: 'the need is estimated from shapes before the network runs, and a network that needs more is refused',
    open: 'half of the memory of the machine or its container',
    flag: { name: 'memory-limit', value: '<MB>' },
    setting: { scope: 'machine' },
    recorded: null,
  },
  /** Path of the program. Not recorded: it is this machine's, and what comes from elsewhere must not say which program is run. */
  ffmpeg: {
    kind: TEXT,
    default: null,
    help: 'the program `ffmpeg`, which reads videos for `evaluate`',
    open: 'the one on the `PATH`',
    more: '`ffprobe` is expected beside it',
    flag: { name: 'ffmpeg', value: '<path>' },
    setting: { scope: 'machine-overridable', restricted: true },
    recorded: null,
  },
  /** Folder under which report folders are made. Not recorded: it is where the report is. */
  output: {
    kind: PATH,
    default: 'inference-lens-report',
    help: 'folder in which report folders are created',
    flag: { name: 'output', short: 'o', value: '<dir>', open: './inference-lens-report' },
    setting: {
      scope: 'resource',
      restricted: true,
      more: 'relative paths start at the workspace folder',
      open: "the extension's own storage, which the Reports view lists; in other editors `inference-lens-report` in the workspace folder",
    },
    recorded: null,
  },
} as const satisfies Readonly<Record<string, OptionRow>>;

/** Settings that are not options of an analysis. */
export const EDITOR_SETTINGS = {
  runtime: {
    kind: TEXT,
    default: 'auto',
    help: "Node that runs the server and the engine: `auto` (a Node on the `PATH` if it is new enough, else the editor's own), `electron` (the editor's own), or the path of a Node 20.18.1 or newer",
    more: "the editor's own Node gives native code less memory; takes effect after **Inference Lens: Restart Server**",
    setting: { scope: 'machine', restricted: true },
  },
  queue: {
    kind: TEXT,
    default: '',
    help: 'address of a Redis or Valkey server, such as `redis://queue.example:6379`, through which workers on other machines evaluate sets',
    more: '`rediss://` is TLS; do not put the password here: **Inference Lens: Set Queue Password...** stores it',
    setting: { scope: 'machine-overridable', restricted: true },
  },
  queueName: {
    kind: TEXT,
    default: 'evaluation',
    help: 'name of the queue on that server: evaluations that run at the same time need different names',
    setting: { scope: 'machine-overridable', restricted: true },
  },
  idleMinutes: {
    kind: number(0, 24 * 60),
    default: 10,
    help: 'minutes of idle time after which the engine is stopped and its memory released',
    more: '`0` keeps it running; takes effect with the next analysis',
    setting: { scope: 'machine-overridable' },
  },
  storageLimit: {
    kind: number(0, 1_000_000),
    default: 1000,
    help: "space in MB for unsaved reports in the extension's storage",
    more: 'beyond that, each new report deletes the oldest; open and saved reports stay',
    setting: { scope: 'machine-overridable' },
  },
  computeAhead: {
    kind: word(SWITCH),
    default: 'on',
    help: 'when a report has been shown for two seconds and nothing is requested, its heatmaps for the likely next target (the second class, or the other one of two) are computed, so that a change to it does not wait for the network',
    more: 'costs each such report one more run of the network, of at most 1.5 seconds',
    setting: { scope: 'machine-overridable' },
  },
  codeLens: {
    kind: word(SWITCH),
    default: 'off',
    help: '**Analyze** above lines of code, Markdown, JSON, YAML and CSV that name an image of the workspace',
    setting: { scope: 'resource' },
  },
  badges: {
    kind: word(SWITCH),
    default: 'off',
    help: "the last verdict's first two letters beside an image in the Explorer",
    setting: { scope: 'machine-overridable' },
  },
} as const satisfies Readonly<
  Record<string, Pick<OptionRow, 'kind' | 'default' | 'help'> & { more?: string; setting: SettingRow }>
>;

type Rows = typeof OPTIONS;
export type OptionName = keyof Rows;
type NameOf<Part> = { [N in OptionName]: Rows[N] extends Part ? N : never }[OptionName];
type Value<N extends OptionName> = ValueOf<Rows[N]['kind']>;
type OrNull<N extends OptionName> = Rows[N]['default'] extends null ? null : never;

/** What is asked of an analysis, in the same words by the editor, the command line and the engine. */
export type AnalysisOptions = { readonly [N in OptionName]: Value<N> | OrNull<N> };

/** The names of the editor's settings. */
export type SettingName =
  | Exclude<OptionName, NameOf<{ readonly setting: null }>>
  | keyof typeof EDITOR_SETTINGS;

export type TakenName = NameOf<{ readonly recorded: 'taken' }>;
export type RecordedName = TakenName | NameOf<{ readonly recorded: 'asked' }>;
type Absent<N extends OptionName> = Rows[N] extends { readonly younger: true } ? undefined : never;

/** What was taken, where the options may have left it open. */
export type TakenOptions = { readonly [N in TakenName]: Value<N> };

/** All that a report may say of its options. */
export type RecordedOptions = {
  readonly [N in RecordedName]: N extends TakenName ? Value<N> : Value<N> | OrNull<N>;
};

/**
 * What an analysis was asked to do, as its report has it, so that it can be asked again: where the pipeline
 * or the weights were left open, those that were used. Weights are an id of the model store, an absolute
 * path, or `demo`. The output folder is where the report is.
 */
export type OptionsReport = { readonly [N in RecordedName]: RecordedOptions[N] | Absent<N> };

export interface NamedOption extends OptionRow {
  readonly name: OptionName;
}

/** The rows in their order, each with its name. */
export const optionRows: readonly NamedOption[] = Object.entries(OPTIONS).map(([name, row]) => ({
  name: name as OptionName,
  ...row,
}));
