/** What a reader of the report must know; computed from the report's own numbers. */
import type {
  BoxReport,
  HeatmapReport,
  LayerReport,
  Report,
  WarningCode,
  WarningReport,
} from '../../../../protocol/report';
import type { LensValueReport } from '../../../../protocol/lens';
import { leftAside, renamedHead, severalStateDicts, unknownNames } from '../../architectures/reading';
import type { DecodeNote } from '../../imaging/decode';
import type { Lint } from './lint-preprocessing';
import { channelOrderDoubt, normalizedTwice, notRescaled, unlikeTraining } from './lint-preprocessing';

/** Below this the crop is enlarged so much that its pixels say little. */
export const SMALL_FACE = 96;

/** Float32 may leave an exact bound by its last digit, and recipes state theirs with three decimals. */
const ROUNDING = 1e-3;

/** Of an operator that the processor ran for another device; the numbers that choose a class are far fewer. */
export const LARGE_ON_CPU = 65_536;

/** Of a picture that is taken whole: change of the ratio of its sides that is visible. */
const VISIBLE_STRETCH = 1.05;

/** What rules look at; `untrained` is known before the network is loaded. */
type Facts = Omit<Report, 'warnings'> & {
  readonly untrained: boolean;
  /** What is to be said of a pipeline that is another network's; null where there is nothing. */
  readonly borrowed: string | null;
  /** Pixels of the network's input for one of the picture, along each axis. */
  readonly scale: { readonly x: number; readonly y: number };
  /** Files beside the weights that were not read. */
  readonly passedOver: readonly string[];
};

interface Rule {
  /** It has nothing to say before all of these are known. */
  readonly needs: readonly (keyof Facts)[];
  readonly find: (facts: Facts) => Found;
}

type Found = WarningReport | readonly WarningReport[] | null;

const rule = <Need extends keyof Facts>(
  needs: readonly Need[],
  find: (facts: Pick<Facts, Need>) => Found,
): Rule => ({ needs, find });

const warn = (code: WarningCode, message: string, layers: readonly string[] = []): WarningReport => ({
  code,
  message,
  layers,
});

const number = (value: number): string => String(Number(value.toPrecision(4)));

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Boxes that may be no faces: the one that was analyzed, or others. */
function doubtfulFace(faces: Report['detection']['faces']): WarningReport | null {
  const doubted = faces.filter(({ doubt }) => doubt !== undefined);
  const [first] = faces;
  if (first === undefined || doubted.length === 0) return null;
  const [x0, y0, x1, y1] = first.box.map(Math.round) as unknown as BoxReport;
  const where = `The box that was analyzed (${x1 - x0}x${y1 - y0} px at ${x0},${y0})`;
  if (first.doubt === 'beyond-anchors')
    return warn(
      'doubtful-face',
      `${where} is larger than the detector's anchors can measure, so it may not fit the face. Check it in the overlay.`,
    );
  if (first.doubt !== undefined)
    return warn(
      'doubtful-face',
      `${where} may be no face: RetinaFace found it, BlazeFace sees none there. Check it in the overlay.`,
    );
  return warn(
    'doubtful-face',
    `${doubted.length} of the ${faces.length} boxes found may be no faces: BlazeFace sees none there, or the detector's anchors ` +
      'cannot measure them. The one that was analyzed is not among them.',
  );
}

/** @param where begins the sentence */
function partlyOnCpu(
  where: string,
  { provider, placement }: Pick<Report['device'], 'provider' | 'placement'>,
): WarningReport | null {
  const { providers = [], onCpu = [], copies } = placement ?? {};
  const large = onCpu.filter(({ bytes }) => bytes >= LARGE_ON_CPU);
  if (large.length === 0) return null;
  const all = providers.reduce((sum, { nodes }) => sum + nodes, 0);
  const here = onCpu.reduce((sum, { nodes }) => sum + nodes, 0);
  return warn(
    'partly-on-cpu',
    `${where}${here} of ${all} nodes ran on the CPU instead of ${provider}, most of it ` +
      `${large.map(({ operator, nodes }) => `${operator} (${nodes})`).join(', ')}; ` +
      `${megabytes(copies?.bytes ?? 0)} were copied between them.`,
  );
}

/** Of how the picture was prepared. */
const lint = (find: (facts: Pick<Report, 'preprocess' | 'detection'>) => Lint | null): Rule =>
  rule(['preprocess', 'detection'], (facts) => warningOf(find(facts)));

const warningOf = (found: Lint | null): WarningReport | null =>
  found === null ? null : warn(found.code, found.message);

/** What was assumed, why, and what else it could be. */
const guessOf = ({ key, detail, others = [] }: LensValueReport): string =>
  `${key === 'preprocess' ? 'How pictures are prepared' : key} was assumed: ${detail}. ` +
  `It could also be ${others.join('; or ')}. A lens says it (--lens, or the setting “Inference Lens: Lens”).`;

const rules: readonly Rule[] = [
  rule(['untrained'], ({ untrained }) =>
    untrained
      ? warn('untrained-weights', 'Demo weights are untrained: predictions and heatmaps are placeholders.')
      : null,
  ),

  rule(['classifier'], ({ classifier: { logits, predicted } }) => {
    const strange = logits.filter((value) => typeof value !== 'number');
    return predicted.index === null
      ? warn(
          'undecided',
          `No verdict: ${strange.length} of ${logits.length} ${logits.length === 1 ? 'logit is' : 'logits are'} not finite ` +
            `(${[...new Set(strange)].join(', ')}). Heatmaps of them mean nothing.`,
        )
      : null;
  }),

  rule(['classifier'], ({ classifier: { probabilities, predicted, logits } }) =>
    probabilities === null && predicted.index !== null
      ? warn(
          'not-probabilities',
          `The outputs were taken as probabilities but lie between ${number(Math.min(...logits.map(Number)))} and ` +
            `${number(Math.max(...logits.map(Number)))}: none are shown.`,
        )
      : null,
  ),

  rule(['classifier'], ({ classifier: { activation } }) => {
    if (activation === undefined) return null;
    const { kind, origin, multiLabel, threshold, description } = activation;
    if (multiLabel) return warn('multi-label', description);
    if (threshold !== null) return warn('one-logit', description);
    return kind === 'none' && origin !== 'option'
      ? warn('outputs-taken-as-probabilities', description)
      : null;
  }),

  rule(['classifier'], ({ classifier: { precision } }) => {
    if (precision === undefined) return null;
    const code = precision.sameClass === false ? 'float-equivalent-disagrees' : 'float-equivalent';
    return warn(code, precision.description);
  }),

  rule(['borrowed'], ({ borrowed }) => (borrowed === null ? null : warn('pipeline-borrowed', borrowed))),

  rule(['lens'], ({ lens }) => {
    const guessed = (lens?.values ?? []).filter(({ origin }) => origin === 'guess');
    return guessed.length === 0 ? null : warn('lens-guessed', guessed.map(guessOf).join(' '));
  }),

  rule(['passedOver'], ({ passedOver }) =>
    passedOver.length === 0
      ? null
      : warn(
          'not-trusted',
          `The workspace is not trusted, so what lies beside the weights was not read: ${passedOver.join(', ')}.`,
        ),
  ),

  rule(['model'], ({ model }) =>
    model.notes.length > 0
      ? warn(
          model.architecture === 'onnx' ? 'read-from-graph' : 'architecture-assumed',
          model.notes.join(' '),
        )
      : null,
  ),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : severalStateDicts(checkpoint);
    return note === null ? null : warn('several-state-dicts', note);
  }),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : renamedHead(checkpoint);
    return note === null ? null : warn('renamed-head', note);
  }),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : leftAside(checkpoint);
    return note === null ? null : warn('left-aside', note);
  }),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : unknownNames(checkpoint);
    return note === null ? null : warn('unknown-names', note);
  }),

  rule(['model'], ({ model: { layerSelection } }) =>
    layerSelection === undefined
      ? null
      : warn(
          'layers-left-out',
          `The network has ${layerSelection.found} layers. ${layerSelection.shown} of them are shown, evenly spread from the first to the last.`,
        ),
  ),

  rule(['notCached'], ({ notCached = [] }) => {
    const [first] = notCached;
    return first === undefined ? null : warn('not-cached', notCached.join(' '));
  }),

  rule(['device'], ({ device }) => {
    const passed = device.passedOver.filter((other) => other.present);
    const reasons = passed.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ');
    return passed.length > 0
      ? warn(
          'device-fallback',
          `Ran on ${device.provider} although this machine has a better device (${reasons}).`,
        )
      : null;
  }),

  rule(['device'], ({ device }) => partlyOnCpu('', device)),

  rule(['detection'], ({ detection: { device } }) =>
    device === undefined ? null : partlyOnCpu("In the detector's network, ", device),
  ),

  rule(['detection'], ({ detection: { faces } }) => {
    const sure = faces.filter(({ doubt }) => doubt === undefined);
    return sure.length > 1
      ? warn('several-faces', `${sure.length} faces were found; the largest was analysed.`)
      : null;
  }),

  rule(['detection'], ({ detection: { faces } }) => doubtfulFace(faces)),

  rule(['detection'], ({ detection: { faces } }) =>
    faces[0]?.landmarksEstimated === true
      ? warn(
          'estimated-landmarks',
          'The mouth corners were estimated from the mouth centre; the mask is approximate.',
        )
      : null,
  ),

  rule(['detection'], ({ detection: { detector, faces } }) =>
    faces[0]?.landmarks === null && detector !== 'none'
      ? warn('no-landmarks', 'No landmarks are known for a box given by hand, so there is no mask.')
      : null,
  ),

  rule(['detection', 'scale'], ({ detection: { detector, faces }, scale }) => {
    const [x0, y0, x1, y1] = faces[0]?.box ?? [0, 0, SMALL_FACE, SMALL_FACE];
    const side = Math.min(x1 - x0, y1 - y0);
    const enlarged = Math.max(scale.x, scale.y);
    return side < SMALL_FACE && detector !== 'none'
      ? warn(
          'small-face',
          `The face is ${number(x1 - x0)}x${number(y1 - y0)} px (WxH), under ${SMALL_FACE} px: ` +
            (enlarged > 1 ? `it was enlarged ${number(enlarged)} times.` : 'its pixels say little.'),
        )
      : null;
  }),

  rule(['detection', 'scale'], ({ detection: { crop }, scale }) => {
    const [x0, y0, x1, y1] = crop.box;
    const [width, height] = [x1 - x0, y1 - y0];
    return crop.clamped
      ? warn(
          'crop-clamped',
          `The image border cut the crop short, to ${width}x${height} px (WxH)` +
            `${scale.x === scale.y ? '' : ': the face is stretched to fill the square'}.`,
        )
      : null;
  }),

  rule(['detection', 'scale'], ({ detection: { crop }, scale }) => {
    const [x0, y0, x1, y1] = crop.box;
    const [width, height] = [x1 - x0, y1 - y0];
    const stretch = scale.x / scale.y;
    return crop.mode === 'whole' && Math.max(stretch, 1 / stretch) > VISIBLE_STRETCH
      ? warn(
          'stretched',
          `The whole picture of ${width}x${height} px (WxH) was stretched to ${crop.size}x${crop.height ?? crop.size}: ` +
            'its shapes are distorted.',
        )
      : null;
  }),

  lint(normalizedTwice),
  lint(notRescaled),
  lint(channelOrderDoubt),
  rule(['preprocess', 'detection', 'model'], (facts) =>
    unlikeTraining(facts, facts.model.architecture).map(({ code, message }) => warn(code, message)),
  ),

  rule(['preprocess'], ({ preprocess: { tensor, expectedRange } }) => {
    if (expectedRange === null || typeof tensor.min !== 'number' || typeof tensor.max !== 'number')
      return null;
    const [low, high] = expectedRange;
    return tensor.min < low - ROUNDING || tensor.max > high + ROUNDING
      ? warn(
          'value-range',
          `The network received values from ${number(tensor.min)} to ${number(tensor.max)}; ` +
            `in training it saw ${low} to ${high}.`,
        )
      : null;
  }),

  rule(['layers'], ({ layers }) => {
    const without = layers.filter(({ unexplained }) => unexplained !== undefined);
    const reasons = [...new Set(without.map(({ unexplained = '' }) => unexplained))];
    return without.length === 0
      ? null
      : warn(
          'no-gradient',
          `${without.length} of ${layers.length} layers have activations and no heatmaps. ${reasons.join(' ')}`,
          without.map(({ name }) => name),
        );
  }),

  rule(['layers'], ({ layers }) => {
    const [first, ...rest] = layers.filter(({ activation }) => activation.nan > 0 || activation.inf > 0);
    if (first === undefined) return null;
    const { nan, inf } = first.activation;
    return warn(
      'non-finite',
      `Values that are not finite appear first in ${first.name} (${nan} NaN, ${inf} infinite)` +
        `${rest.length > 0 ? ` and in ${rest.length} more layers` : ''}: everything after it is meaningless.`,
      [first, ...rest].map(({ name }) => name),
    );
  }),

  rule(['layers'], ({ layers }) => {
    const finite = ({ activation: { nan, inf } }: LayerReport): boolean => nan === 0 && inf === 0;
    const lost = layers.filter((layer) => finite(layer) && layer.heatmaps.some(isNotFinite));
    return lost.length > 0
      ? warn(
          'non-finite',
          `The gradients of ${lost.length} of ${layers.length} layers are not finite although their activations ` +
            'are: these heatmaps mean nothing.',
          lost.map(({ name }) => name),
        )
      : null;
  }),

  rule(['layers', 'methods'], ({ layers, methods }) => {
    const blank = layers.filter((layer) => isBlank(layer) && !layer.health.includes('single-pixel'));
    const negative = blank.filter(({ heatmaps }) => heatmaps[0]?.negative === 1);
    return blank.length > 0
      ? warn(
          'blank-cams',
          `${methods[0]} shows nothing for ${blank.length} of ${layers.length} layers` +
            `${negative.length > 0 ? `; in ${negative.length} of them every value was negative before ReLU` : ''}.`,
          blank.map(({ name }) => name),
        )
      : null;
  }),
];

const isNotFinite = ({ cam }: HeatmapReport): boolean =>
  typeof cam.mean !== 'number' || typeof cam.std !== 'number';

const isBlank = (layer: LayerReport): boolean => layer.heatmaps[0]?.blank === true;

/**
 * Every warning that applies to what is known, in the same order however much that is: what was lost while decoding, then
 * the rules above.
 * @param notes what the image reader left out on the way to plain RGB
 */
export function computeWarnings(
  known: Partial<Facts>,
  notes: readonly DecodeNote[],
): readonly WarningReport[] {
  const { model } = known;
  const facts: Partial<Facts> = { ...(model ? { untrained: model.untrained } : {}), ...known };
  const found = rules
    .filter(({ needs }) => needs.every((need) => facts[need] !== undefined))
    .flatMap(({ find }) => find(facts as Facts) ?? []);
  return [...notes.map(({ code, message }) => warn(code, message)), ...found];
}
