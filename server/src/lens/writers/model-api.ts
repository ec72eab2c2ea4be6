/** OpenVINO's Model API (also OTX, Geti and Anomalib): metadata keys `model_info <name>`, lists joined by spaces. */
import type { LensStep } from '../../../../protocol/lens';
import type { InputSize } from '../values';
import type { Values, Written } from './writer';
import { perChannel, prepared, TO_UNIT } from './writer';

type Entries = ReadonlyMap<string, string>;

export function fromModelApi({ metadata, proved }: Written, subject: string): Values | null {
  const entries: Entries = new Map(
    [...metadata].flatMap(([key, value]) => {
      const [, name] = /^model_info[\s/]+(\w+)$/.exec(key) ?? [];
      return name === undefined ? [] : [[name, value.trim()] as const];
    }),
  );
  if (entries.size === 0) return null;
  const labels = labelsIn(entries);
  return {
    ...preparation(entries, subject, proved?.size ?? [1, 1]),
    ...(labels === null ? {} : { labels: { value: labels, detail: `model_info labels in ${subject}` } }),
    ...(isTrue(entries.get('multilabel'))
      ? { 'output.activation': { value: 'sigmoid', detail: `model_info multilabel in ${subject}` } }
      : {}),
    ...threshold(entries, subject),
  };
}

const isTrue = (text: string | undefined): boolean => /^(true|yes|1)$/i.test(text ?? '');

/** Spaces within a name are `_`, so a space can no longer be told from an underscore. */
function labelsIn(entries: Entries): readonly string[] | null {
  const names = (entries.get('labels') ?? '').split(/\s+/).filter((name) => name !== '');
  return names.length === 0 ? null : names.map((name) => name.replace(/_/g, ' '));
}

function threshold(entries: Entries, subject: string): Values {
  const value = Number(entries.get('confidence_threshold') ?? NaN);
  if (!isTrue(entries.get('multilabel')) || !(value > 0 && value < 1)) return {};
  return { 'output.threshold': { value, detail: `model_info confidence_threshold in ${subject}` } };
}

const FILTERS: Readonly<Record<string, string>> = {
  linear: 'bilinear',
  cubic: 'bicubic',
  nearest: 'nearest',
  area: 'area',
};

function preparation(entries: Entries, subject: string, size: InputSize): Values {
  const filter = FILTERS[(entries.get('interpolation_mode') ?? 'LINEAR').toLowerCase()] ?? 'bilinear';
  const fill = Number(entries.get('pad_value') ?? 0);
  const resize = shaped(entries.get('resize_type') ?? 'standard', filter, fill, size);
  if (resize === null) return {};
  const embedded = isTrue(entries.get('embedded_processing'));
  const mean = numbersIn(entries.get('mean_values'));
  const std = numbersIn(entries.get('scale_values'));
  const normalize: readonly LensStep[] =
    mean === null && std === null
      ? []
      : [{ step: 'normalize', mean: perChannel(mean ?? [0]), std: perChannel(std ?? [1]) }];
  const reversed = isTrue(entries.get('reverse_input_channels'));
  const { bgr, others } = order(reversed);
  const { scale, doubts } = intensity(entries);
  return prepared(
    [
      ...resize,
      ...(bgr ? [{ step: 'channels', order: 'BGR' }] : []),
      ...(embedded ? [] : [...scale, ...normalize]),
    ],
    `model_info in ${subject}, as Model API prepares pictures`,
    [
      ...others,
      ...doubts,
      ...byFactor(entries),
      ...turned(entries, size),
      ...unread(entries),
      ...(embedded ? ['its preprocessing is not in the graph, though it says so'] : []),
    ],
  );
}

/** Model API is given OpenCV's BGR pictures, and reverses them where its options say so. */
const order = (reversed: boolean): { readonly bgr: boolean; readonly others: readonly string[] } =>
  reversed
    ? { bgr: false, others: [] }
    : { bgr: true, others: ['RGB, where the training was given RGB pictures and reversed nothing'] };

/** Of 8-bit pictures; what else Model API knows is for medical and thermal ones. */
function intensity(entries: Entries): {
  readonly scale: readonly LensStep[];
  readonly doubts: readonly string[];
} {
  const mode = (entries.get('intensity_mode') ?? 'none').toLowerCase();
  if (mode === 'scale_to_unit') return { scale: [TO_UNIT], doubts: [] };
  return { scale: [], doubts: mode === 'none' ? [] : [`intensities mapped by ${mode}, as model_info says`] };
}

/** OpenCV resizes by a factor there, and samples at the factor's positions, not at those of the rounded size. */
const byFactor = (entries: Entries): readonly string[] =>
  entries.get('resize_type') === 'fit_to_window'
    ? ['sampled up to half a pixel away, where a side is not a whole number of pixels']
    : [];

/** `crop_resize_ocv` divides height by width where it says width by height. */
const turned = (entries: Entries, [height, width]: InputSize): readonly string[] =>
  entries.get('resize_type') === 'crop' && height !== width
    ? ["cropped to the network's own aspect: Model API crops to that of its sides exchanged"]
    : [];

const NUMBERS = ['mean_values', 'scale_values'] as const;

/** Values that are there and no list of numbers. */
const unread = (entries: Entries): readonly string[] =>
  NUMBERS.filter((key) => (entries.get(key) ?? '') !== '' && numbersIn(entries.get(key)) === null).map(
    (key) => `normalized by the ${key} ${entries.get(key)}, which are not numbers`,
  );

function shaped(
  type: string,
  filter: string,
  fill: number,
  [height, width]: InputSize,
): readonly LensStep[] | null {
  const resize = { step: 'resize', filter, like: 'opencv' };
  switch (type) {
    case 'standard':
      return [{ ...resize, fit: 'exact' }];
    case 'crop':
      return [
        {
          step: 'crop',
          to: 'aspect',
          ...(height === width ? {} : { size: [width, height] }),
          rounding: 'down',
        },
        { ...resize, filter: 'bilinear', fit: 'exact' },
      ];
    case 'fit_to_window':
      return [
        { ...resize, fit: 'longer' },
        { step: 'pad', at: 'top-left', fill: 0 },
      ];
    case 'fit_to_window_letterbox':
      return [
        { ...resize, fit: 'longer' },
        { step: 'pad', at: 'center', fill },
      ];
    default:
      return null;
  }
}

function numbersIn(text: string | undefined): readonly number[] | null {
  const values = (text ?? '')
    .replace(/^\[(.*)\]$/s, '$1')
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(Number);
  return values.length > 0 && values.every(Number.isFinite) ? values : null;
}
