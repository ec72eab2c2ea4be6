/** Ultralytics' classify exports: `task`, `names` and `imgsz` in the metadata, as Python's str() writes them. */
import type { LensStep } from '../../../../protocol/lens';
import { pythonLiteral } from '../python-literal';
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';
import type { InputSize } from '../values';
import { isSide } from './json';
import type { Values, Written } from './writer';
import { prepared, TO_UNIT } from './writer';

/** `classify_transforms` of ultralytics/data/augment.py: torchvision on Pillow's picture, mean 0 and deviation 1. */
export function fromUltralytics({ metadata, proved }: Written, subject: string): Values | null {
  if (!metadata.has('names')) return null;
  if (metadata.get('task') === 'classify') {
    const size = sizeIn(metadata.get('imgsz'));
    const [height, width] = proved?.size ?? size ?? [1, 1];
    return {
      ...prepared(
        [...shaped(height === width), TO_UNIT],
        `task classify in ${subject}, Ultralytics' transform`,
      ),
      ...(size === null ? {} : { 'input.size': { value: size, detail: `imgsz in ${subject}` } }),
    };
  }
  return metadata.has('stride') && !metadata.has('task') ? fromYolo5(subject) : null;
}

const shaped = (square: boolean): readonly LensStep[] => [
  { step: 'resize', fit: square ? 'shorter' : 'exact', filter: 'bilinear', like: 'pillow' },
  { step: 'crop' },
];

/** YOLOv5 writes `stride` and `names` alone, and cuts the middle square out before it resizes. */
const fromYolo5 = (subject: string): Values =>
  prepared(
    [
      { step: 'crop', to: 'aspect', rounding: 'down' },
      { step: 'resize', filter: 'bilinear', like: 'opencv' },
      TO_UNIT,
      { step: 'normalize', mean: IMAGENET_MEAN, std: IMAGENET_STD },
    ],
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
