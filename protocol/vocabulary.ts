/**
 * Every closed list of words that more than one folder reads, each word once, with its title. Types are
 * derived from the rows; so are titles in the panel, choices of options, and what the manifest and the schema
 * of reports allow (`npm run declare`, and a test).
 */

export interface Word {
  readonly id: string;
  readonly title: string;
  /** What it is or does, as a phrase without a period. */
  readonly help?: string;
}

type Words = readonly Word[];
/** The ids of a list, as a type. */
export type IdOf<List extends Words> = List[number]['id'];

export const idsOf = <const List extends Words>(list: List): readonly IdOf<List>[] =>
  list.map(({ id }) => id as IdOf<List>);

export const titlesOf = <const List extends Words>(list: List): Readonly<Record<IdOf<List>, string>> =>
  Object.fromEntries(list.map(({ id, title }) => [id, title])) as Record<IdOf<List>, string>;

/** Heatmap methods, in the order in which they are offered; explain/methods.ts says how each is computed. */
export const CAM_METHODS = [
  { id: 'gradcam', title: 'Grad-CAM' },
  { id: 'gradcam++', title: 'Grad-CAM++' },
  { id: 'xgradcam', title: 'XGrad-CAM' },
  { id: 'hirescam', title: 'HiResCAM' },
  { id: 'layercam', title: 'LayerCAM' },
  { id: 'elementwise', title: 'Element-wise Grad-CAM' },
] as const satisfies Words;
export type CamMethod = IdOf<typeof CAM_METHODS>;

/** What computes: the best first, in the order in which `auto` tries them; the CPU is always there. */
export const DEVICES = [
  { id: 'cuda', title: 'CUDA', help: 'NVIDIA GPU, on Linux x64' },
  { id: 'coreml', title: 'Core ML', help: "Apple's accelerators, on macOS" },
  { id: 'directml', title: 'DirectML', help: 'GPU on Windows' },
  { id: 'webgpu', title: 'WebGPU', help: 'any GPU with Vulkan, Metal or Direct3D 12' },
  { id: 'cpu', title: 'CPU', help: 'works everywhere' },
] as const satisfies Words;
export type DeviceName = IdOf<typeof DEVICES>;

export const DEVICE_CHOICES = [
  {
    id: 'auto',
    title: 'Automatic',
    help: 'the fastest device that works here; the report says which one, and why not a better one',
  },
  ...DEVICES,
] as const satisfies Words;
export type DeviceChoice = IdOf<typeof DEVICE_CHOICES>;

/** Of settings that are on or off. */
export const SWITCH = [
  { id: 'off', title: 'Off' },
  { id: 'on', title: 'On' },
] as const satisfies Words;

export const DETECTOR_CHOICES = [
  { id: 'auto', title: 'Automatic', help: 'RetinaFace if its weights were imported, else BlazeFace' },
  { id: 'retinaface', title: 'RetinaFace', help: 'needs imported weights' },
  { id: 'blazeface', title: 'BlazeFace', help: 'comes with Inference Lens' },
  { id: 'none', title: 'None', help: 'no detection: the whole image is analyzed' },
] as const satisfies Words;
export type DetectorChoice = IdOf<typeof DETECTOR_CHOICES>;

/** What found the face of a report, and the choice that finds it again: a box given by hand goes with any. */
export const DETECTORS = [
  { id: 'blazeface', title: 'BlazeFace', choice: 'blazeface' },
  { id: 'retinaface-resnet50', title: 'RetinaFace, ResNet-50', choice: 'retinaface' },
  { id: 'retinaface-mobilenet0.25', title: 'RetinaFace, MobileNet 0.25', choice: 'retinaface' },
  { id: 'none', title: 'None: the whole image', choice: 'none' },
  { id: 'box', title: 'None: a box given by hand', choice: 'auto' },
] as const satisfies readonly (Word & { readonly choice: DetectorChoice })[];
export type DetectorId = IdOf<typeof DETECTORS>;

export const CROP_MODES = [
  { id: 'square', title: 'Square', help: 'a square of 1.2 times the longer side of the face' },
  {
    id: 'sbi',
    title: 'SBI',
    help: "as SelfBlendedImages' own script does it: each side extended by an eighth, then stretched",
  },
] as const satisfies Words;
export type CropMode = IdOf<typeof CROP_MODES>;

/** Lenses that ship and fit more than one file of weights; the files are in models/lenses/. */
export const BUILT_IN_LENSES = [
  { id: 'fsbi', title: 'fsbi', help: 'face forgery with wavelets, 380 pixels' },
  { id: 'sbi', title: 'sbi', help: 'face forgery, SelfBlendedImages' },
  { id: 'imagenet', title: 'imagenet', help: "ImageNet's mean and deviation, stretched to 224 pixels" },
  { id: 'torchvision', title: 'torchvision', help: "torchvision's preset of the architecture" },
] as const satisfies Words;
export type BuiltInLens = IdOf<typeof BUILT_IN_LENSES>;

/** When the pictures of the layers are drawn into a report's folder. */
export const PICTURE_CHOICES = [
  { id: 'drawn', title: 'Drawn', help: 'with the report' },
  {
    id: 'later',
    title: 'Later',
    help: 'when the report is saved, or its folder, Markdown or JSON is opened; the panel paints what it shows itself',
  },
] as const satisfies Words;
export type PictureChoice = IdOf<typeof PICTURE_CHOICES>;

/** What turns the outputs into probabilities. */
export const ACTIVATIONS = [
  { id: 'softmax', title: 'Softmax', help: 'softmax of the logits: the classes exclude each other' },
  {
    id: 'sigmoid',
    title: 'Sigmoid',
    help: 'sigmoid of each logit: every class has a probability of its own',
  },
  { id: 'none', title: 'None', help: 'the outputs are the probabilities' },
] as const satisfies Words;
export type ActivationKind = IdOf<typeof ACTIVATIONS>;

export const ACTIVATION_CHOICES = [
  {
    id: 'auto',
    title: 'Automatic',
    help: 'read from the network: from its graph, else from its outputs for 16 seeded inputs; the report says which',
  },
  ...ACTIVATIONS,
] as const satisfies Words;
export type ActivationChoice = IdOf<typeof ACTIVATION_CHOICES>;

/**
 * The steps of one analysis, in the order of most of them: where only the model says how large its input is, it is loaded
 * before the crop.
 */
export const ANALYSIS_STEPS = [
  { id: 'input', title: 'Read the image' },
  { id: 'detection', title: 'Detector' },
  { id: 'crop', title: 'Crop' },
  { id: 'wavelet', title: 'Preprocessing' },
  { id: 'model', title: 'Load the model' },
  { id: 'explain', title: 'Heatmaps' },
  { id: 'pictures', title: 'Pictures' },
  { id: 'report', title: 'Write the report' },
] as const satisfies Words;
export type AnalysisStep = IdOf<typeof ANALYSIS_STEPS>;

/** What is unusual about a layer; `grave` marks a broken one, the others are remarks. */
export const HEALTH_MARKS = [
  { id: 'nan', title: 'The activation holds NaN.', grave: true },
  { id: 'inf', title: 'The activation holds infinity.', grave: true },
  { id: 'dead', title: 'Every value of the activation is zero.', grave: true },
  { id: 'constant', title: 'The activation is the same everywhere.', grave: false },
  {
    id: 'blank-cam',
    title: 'The heatmap is empty: no positive evidence for the target.',
    grave: false,
  },
  { id: 'single-pixel', title: 'The map has one pixel, so a heatmap cannot show where.', grave: false },
] as const satisfies readonly (Word & { readonly grave: boolean })[];
export type HealthMark = IdOf<typeof HEALTH_MARKS>;

/** What a classifier decides: one of many classes, between two by one logit, or each class for itself. */
export const CLASSIFIER_KINDS = [
  { id: 'single', title: 'One of several classes' },
  { id: 'binary', title: 'One of two classes, by one logit' },
  { id: 'multi', title: 'Several labels, each on its own' },
] as const satisfies Words;
export type ClassifierKind = IdOf<typeof CLASSIFIER_KINDS>;

/** Of warnings in a report, whose sentences are computed with the numbers that caused them. */
export const WARNING_CODES = [
  'edited-by-hand',
  'untrained-weights',
  'estimated-landmarks',
  'no-landmarks',
  'small-face',
  'crop-clamped',
  'stretched',
  'normalized-twice',
  'not-rescaled',
  'scale-doubt',
  'channel-order-doubt',
  'not-antialiased',
  'value-range',
  'blank-cams',
  'non-finite',
  'several-faces',
  'doubtful-face',
  'alpha-dropped',
  'first-frame-only',
  'color-profile-ignored',
  'device-fallback',
  'partly-on-cpu',
  'architecture-assumed',
  'read-from-graph',
  'undecided',
  'target-by-name',
  'label-shared',
  'one-logit',
  'multi-label',
  'threshold-unused',
  'outputs-taken-as-probabilities',
  'not-probabilities',
  'float-equivalent',
  'float-equivalent-disagrees',
  'pipeline-borrowed',
  'lens-guessed',
  'not-trusted',
  'several-state-dicts',
  'renamed-head',
  'left-aside',
  'unknown-names',
  'layers-left-out',
  'no-gradient',
  'not-cached',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** Names of files that a search of a folder takes for images; the manifest's `when` clauses match the same. */
export const IMAGE_EXTENSIONS = [
  ...['png', 'jpg', 'jpeg', 'webp', 'bmp', 'gif', 'tif', 'tiff', 'avif'],
  ...['ppm', 'pgm', 'pbm', 'pnm'],
] as const;

/** What of a report a Python script computes again. */
export const SNIPPET_SUBJECTS = [
  { id: 'heatmap', title: 'Heatmap', help: "a layer's class activation map" },
  { id: 'activation', title: 'Activation', help: "the mean of a layer's channels" },
  { id: 'channel', title: 'Channel', help: 'one channel of a layer' },
  { id: 'verdict', title: 'Verdict', help: 'logits and probabilities' },
] as const satisfies Words;
export type SnippetSubject = IdOf<typeof SNIPPET_SUBJECTS>;

/** What runs the network in such a script. */
export const SNIPPET_LIBRARIES = [
  { id: 'torchvision', title: 'torchvision' },
  { id: 'timm', title: 'timm' },
  { id: 'efficientnet_pytorch', title: 'efficientnet_pytorch' },
  { id: 'onnxruntime', title: 'onnxruntime' },
] as const satisfies Words;
export type SnippetLibrary = IdOf<typeof SNIPPET_LIBRARIES>;
