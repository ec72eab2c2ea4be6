/** Ultralytics' classify exports: `task`, `names` and `imgsz` in the metadata, as Python's str() writes them. */
import type { LensStep } from '../../../../protocol/lens';
import { pythonLiteral } from '../python-literal';
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';
import type { InputSize } from '../values';
import { isSide } from './json';
import type { Values, Written } from './writer';
import { prepared, TO_UNIT } from './writer';

/** `classify_transforms` of ultralytics/data/augment.py, as the version has it that exported the model. */
export function fromUltralytics({ metadata, proved }: Written, subject: string): Values | null {
  if (!metadata.has('names')) return null;
  if (metadata.get('task') === 'classify') {
    const size = sizeIn(metadata.get('imgsz'));
    const [height, width] = proved?.size ?? size ?? [1, 1];
    return {
      ...(ofOldVersion(metadata.get('version'), subject) ??
        prepared(
          [...shaped(height === width), TO_UNIT],
          `task classify in ${subject}, Ultralytics' transform`,
        )),
      ...(size === null ? {} : { 'input.size': { value: size, detail: `imgsz in ${subject}` } }),
    };
  }
  return metadata.has('stride') && !metadata.has('task') ? fromYolo5(subject) : null;
}

/** torchvision on Pillow's picture, mean 0 and deviation 1. */
const shaped = (square: boolean): readonly LensStep[] => [
  { step: 'resize', fit: square ? 'shorter' : 'exact', filter: 'bilinear', like: 'pillow' },
  { step: 'crop' },
];

/** OpenCV on the middle square. */
const MIDDLE_SQUARE: readonly LensStep[] = [
  { step: 'crop', to: 'aspect', rounding: 'down' },
  { step: 'resize', filter: 'bilinear', like: 'opencv' },
  TO_UNIT,
];

const IMAGENET: LensStep = { step: 'normalize', mean: IMAGENET_MEAN, std: IMAGENET_STD };

/** Before 8.0.233 the middle square was cut out first, and before 8.0.53 ImageNet's mean and deviation followed. A model exported by such a version was trained that way. */
function ofOldVersion(version: string | undefined, subject: string): Values | null {
  const parts = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number);
  if (parts === undefined || !isBefore(parts, [8, 0, 233])) return null;
  const normalized = isBefore(parts, [8, 0, 53]);
  return prepared(
    [...MIDDLE_SQUARE, ...(normalized ? [IMAGENET] : [])],
    `task classify and version ${version} in ${subject}, whose transform is the middle square${normalized ? ", ImageNet's mean and deviation" : ', values 0 to 1'}`,
    [
      'the shorter side resized as Pillow does, values 0 to 1, as Ultralytics since 8.0.233 feeds every model',
    ],
  );
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const at = other.findIndex((part, i) => part !== version[i]);
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0);
}

/** YOLOv5 writes only `stride` and `names`. */
const fromYolo5 = (subject: string): Values =>
  prepared(
    [...MIDDLE_SQUARE, IMAGENET],
    `stride and names in ${subject}, as YOLOv5's classify exports have them: the middle square, ImageNet's mean and deviation`,
    ['values 0 to 1, as later versions of Ultralytics'],
  );

/** `[224, 224]`, height before width. */
function sizeIn(text: string | undefined): InputSize | null {
  const value = text === undefined ? undefined : pythonLiteral(text);
  if (isSide(value)) return [value, value];
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [height, width] = value as readonly unknown[];
  return isSide(height) && isSide(width) ? [height, width] : null;
}
