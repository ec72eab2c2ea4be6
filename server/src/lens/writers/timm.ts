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
  const config = json === null ? null : objectAt(json, 'pretrained_cfg');
  if (json === null || config === null) return null;
  const own = sizeAt(config, 'input_size');
  const test = sizeAt(config, 'test_input_size');
  const size = proved?.size ?? own ?? ([224, 224] as const);
  // An export at the size of its tests is cropped as its tests are.
  const tested = test !== null && test.join() === size.join() && own?.join() !== size.join();
  const fraction =
    (tested ? numberAt(config, 'test_crop_pct') : null) ?? numberAt(config, 'crop_pct') ?? 0.875;
  const labels = labelsIn(json);
  return {
    ...prepared(
      transform(config, fraction > 0 && fraction <= 1 ? fraction : 0.875, size[0] === size[1]),
      `pretrained_cfg of ${file.place}`,
    ),
    ...(own === null ? {} : sizeFor(own, proved, file)),
    ...(labels === null ? {} : { labels: { value: labels, detail: `label_names of ${file.place}` } }),
  };
}

/** timm is asked for any size; a file of another one is no contradiction. */
const sizeFor = (own: InputSize, proved: Written['proved'], { place }: BesideFile): Values =>
  proved?.sizeIsFixed === true ? {} : { 'input.size': { value: own, detail: `input_size of ${place}` } };

/** `transforms_imagenet_eval` of timm/data/transforms_factory.py, with the defaults of `resolve_data_config`. */
function transform(config: Json, fraction: number, square: boolean): readonly LensStep[] {
  const mean = numbersAt(config, 'mean') ?? IMAGENET_MEAN;
  const filter = FILTERS.has(textAt(config, 'interpolation') ?? '')
    ? (textAt(config, 'interpolation') ?? 'bicubic')
    : 'bicubic';
  const resize = { step: 'resize', filter, like: 'pillow', ...(fraction === 1 ? {} : { fraction }) };
  return [
    ...shaped(textAt(config, 'crop_mode'), resize, mean, square),
    TO_UNIT,
    { step: 'normalize', mean: perChannel(mean), std: perChannel(numbersAt(config, 'std') ?? IMAGENET_STD) },
  ];
}

const FILTERS = new Set(['nearest', 'bilinear', 'bicubic', 'lanczos']);

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
      { step: 'crop', fill: mean.map((value) => roundHalfEven(255 * value)) },
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
