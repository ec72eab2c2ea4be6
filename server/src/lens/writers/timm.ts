/** timm's `config.json` on the hub: `pretrained_cfg` has all that its transform needs, and `label_names` the classes. */
import type { LensStep } from '../../../../protocol/lens';
import { roundHalfEven } from '../../round';
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';
import type { InputSize } from '../values';
import {
  isObject,
  isSide,
  jsonObject,
  numberAt,
  numbersAt,
  objectAt,
  textAt,
  textsAt,
  type Json,
} from './json';
import type { BesideFile, Values, Written } from './writer';
import { perChannel, prepared, TO_UNIT } from './writer';

export function fromTimm(file: BesideFile, { proved }: Written): Values | null {
  const json = jsonObject(file.text);
  const config = json === null ? null : (objectAt(json, 'pretrained_cfg') ?? flat(json));
  if (json === null || config === null) return null;
  const own = sizeAt(config, 'input_size');
  const test = sizeAt(config, 'test_input_size');
  const size = proved?.size ?? own ?? ([224, 224] as const);
  // An export at the size of its tests is cropped as its tests are.
  const tested = test !== null && test.join() === size.join() && own?.join() !== size.join();
  const fraction =
    (tested ? numberAt(config, 'test_crop_pct') : null) ?? numberAt(config, 'crop_pct') ?? USUAL_FRACTION;
  const labels = labelsIn(json);
  const { steps, doubts } = transform(config, fraction, size[0] === size[1]);
  return {
    ...prepared(steps, `pretrained_cfg of ${file.place}`, doubts),
    ...(own === null ? {} : sizeFor(own, proved, file)),
    ...(labels === null ? {} : { labels: { value: labels, detail: `label_names of ${file.place}` } }),
  };
}

/** Files of before 2023 have no `pretrained_cfg`: its keys are among the others. */
const flat = (json: Json): Json | null =>
  textAt(json, 'architecture') !== null && numbersAt(json, 'input_size') !== null ? json : null;

/** timm is asked for any size; a file of another one is not a contradiction. */
const sizeFor = (own: InputSize, proved: Written['proved'], { place }: BesideFile): Values =>
  proved?.sizeIsFixed === true ? {} : { 'input.size': { value: own, detail: `input_size of ${place}` } };

/** DEFAULT_CROP_PCT of timm/data/constants.py. */
const USUAL_FRACTION = 0.875;

interface Transform {
  readonly steps: readonly LensStep[];
  /** What the file says and cannot be done here. */
  readonly doubts: readonly string[];
}

/** `transforms_imagenet_eval` of timm/data/transforms_factory.py, with the defaults of `resolve_data_config`. */
function transform(config: Json, cropPct: number, square: boolean): Transform {
  const mean = numbersAt(config, 'mean') ?? IMAGENET_MEAN;
  const asked = textAt(config, 'interpolation') ?? 'bicubic';
  const filter = Object.hasOwn(FILTERS, asked) ? FILTERS[asked] : undefined;
  const fraction = cropPct > 0 && cropPct <= 1 ? cropPct : USUAL_FRACTION;
  const share = fraction === 1 ? {} : { fraction };
  const resize = { step: 'resize', filter: filter ?? 'bicubic', like: 'pillow', ...share };
  const std = numbersAt(config, 'std') ?? IMAGENET_STD;
  // As validate.py opens pictures for one channel: mode L.
  const gray = numbersAt(config, 'input_size')?.[0] === 1;
  return {
    steps: [
      ...(gray ? [{ step: 'channels', order: 'gray', weights: 'pillow' }] : []),
      ...shaped(textAt(config, 'crop_mode'), resize, mean, square),
      TO_UNIT,
      { step: 'normalize', mean: perChannel(mean), std: perChannel(std) },
    ],
    doubts: [
      ...(filter === undefined ? [`resized with the filter ${asked}, as the file says`] : []),
      ...(fraction === cropPct ? [] : [`resized by a crop_pct of ${cropPct}, as the file says`]),
    ],
  };
}

/** `_pil_interpolation_to_str` of timm/data/transforms.py. */
const FILTERS: Readonly<Record<string, string>> = {
  ...{ nearest: 'nearest', bilinear: 'bilinear', bicubic: 'bicubic' },
  ...{ box: 'area', hamming: 'hamming', lanczos: 'lanczos' },
};

function shaped(
  mode: string | null,
  resize: LensStep,
  mean: readonly number[],
  square: boolean,
): readonly LensStep[] {
  if (mode === 'squash') return [{ ...resize, fit: 'exact' }, { step: 'crop' }];
  if (mode === 'border')
    return [
      { ...resize, fit: 'longer' },
      { step: 'crop', fill: perChannel(mean.map((value) => roundHalfEven(255 * value))) },
    ];
  if (square) return [{ ...resize, fit: 'shorter' }, { step: 'crop' }];
  // Its ResizeKeepRatio is not given the filter, and rounds.
  return [{ ...resize, fit: 'shorter', filter: 'bilinear', rounding: 'nearest' }, { step: 'crop' }];
}

/** `[3, 224, 224]`. */
function sizeAt(config: Json, key: string): InputSize | null {
  const [, height, width] = numbersAt(config, key) ?? [];
  return isSide(height) && isSide(width) ? [height, width] : null;
}

/** Names that people read, where the file has them beside WordNet's identifiers. */
function labelsIn(json: Json): readonly string[] | null {
  const names = textsAt(json, 'label_names') ?? textsAt(json, 'labels');
  const described = json['label_descriptions'];
  if (names === null || !isObject(described)) return names;
  return names.map((name) => textAt(described, name) ?? name);
}
