/** Hugging Face folders: `preprocessor_config.json` says how pictures are prepared, `config.json` how classes are called and read. */
import type { LensStep } from '../../../../protocol/lens';
import type { ProcessorClass } from './hugging-face-classes';
import { FAST, PROCESSORS, RESAMPLE } from './hugging-face-classes';
import {
  flagAt,
  isObject,
  isSide,
  jsonObject,
  numberAt,
  numbersAt,
  objectAt,
  textAt,
  type Json,
} from './json';
import type { BesideFile, Values } from './writer';
import { perChannel, prepared } from './writer';

/** `problem_type` of a `config.json`; labels are read with those of all other writers. */
export function fromConfig(file: BesideFile): Values {
  const json = jsonObject(file.text);
  if (json === null || textAt(json, 'problem_type') !== 'multi_label_classification') return {};
  const detail = `problem_type of ${file.place}`;
  return { 'output.activation': { value: 'sigmoid', detail } };
}

/** Null where the file is not an image processor's. */
export function fromProcessor(file: BesideFile): Values | null {
  const whole = jsonObject(file.text);
  const json = whole === null ? null : (objectAt(whole, 'image_processor') ?? whole);
  if (json === null) return null;
  const type = textAt(json, 'image_processor_type') ?? textAt(json, 'feature_extractor_type');
  if (type === null && objectAt(json, 'size') === null && numbersAt(json, 'image_mean') === null) return null;
  const fast = type?.endsWith('Fast') === true;
  const name = (type ?? '').replace(/(ImageProcessor(Fast)?|FeatureExtractor)$/, '');
  const known = Object.hasOwn(PROCESSORS, name) ? (fast ? FAST : PROCESSORS)[name] : undefined;
  const reader = new Processor(json, known ?? (PROCESSORS['ViT'] as ProcessorClass), fast);
  const steps = reader.steps();
  const named = type === null ? file.place : `${type} of ${file.place}`;
  const doubts =
    known === undefined ? [`what ${type ?? 'its class'} does otherwise, which is not known here`] : [];
  return steps === null ? null : prepared(steps, named, [...doubts, ...reader.doubts]);
}

interface ProcessorSize {
  readonly shortest?: number;
  readonly longest?: number;
  readonly sides?: readonly [height: number, width: number];
}

class Processor {
  readonly doubts: string[] = [];

  constructor(
    private readonly json: Json,
    private readonly kind: ProcessorClass,
    private readonly fast: boolean,
  ) {}

  /** In the order of `preprocess`; null where a size says nothing that is known. */
  steps(): readonly LensStep[] | null {
    const { own } = this.kind;
    const resized = this.does('do_resize', true) ? this.resized() : [];
    if (resized === null) return null;
    const scaled = this.does('do_rescale', true) ? this.rescaled() : [];
    const normalized = own !== 'mobilevit' && this.does('do_normalize', true);
    const top = own === 'efficientnet' && this.does('include_top', true);
    const flipped = this.does('do_flip_channel_order', own === 'mobilevit');
    if (this.does('do_pad', false)) this.doubts.push('padded, as do_pad says');
    const cropped = this.cropped();
    const sized = own === 'perceiver' ? [...cropped, ...resized] : [...resized, ...cropped];
    return [
      ...(own === 'dinov3' ? [...scaled, ...sized] : [...sized, ...scaled]),
      ...(normalized || top ? [this.normalized(normalized, top)] : []),
      ...(flipped ? [{ step: 'channels', order: 'BGR' }] : []),
    ];
  }

  private does(key: string, otherwise: boolean): boolean {
    return flagAt(this.json, key) ?? otherwise;
  }

  /** Pillow's for the slow classes, torch's 8-bit kernel for the fast ones. */
  private resize(): LensStep {
    const code = numberAt(this.json, 'resample') ?? this.kind.resample;
    const filter = RESAMPLE[code];
    if (filter === undefined) this.doubts.push(`resampled by Pillow's filter ${code}, as the file says`);
    const named = filter ?? 'bilinear';
    // DINOv3 has no slow class, whatever the file calls it.
    const fast = this.fast || this.kind.own === 'dinov3';
    if (!fast) return { step: 'resize', filter: named, like: 'pillow' };
    if (named === 'nearest') return { step: 'resize', filter: 'nearest-exact', like: 'torch' };
    if (named !== 'bilinear' && named !== 'bicubic') {
      this.doubts.push(`${named} as torch does it, which has no such filter of its own`);
      return { step: 'resize', filter: named, like: 'pillow' };
    }
    const path = this.kind.own === 'dinov3' ? {} : { path: 'uint8' };
    return { step: 'resize', filter: named, like: 'torch', ...path, antialias: true };
  }

  private resized(): readonly LensStep[] | null {
    const { own } = this.kind;
    const size = this.size();
    const resize = this.resize();
    if (size === null) return null;
    const { shortest, longest, sides } = size;
    const fraction = this.fraction(size);
    if (own === 'convnext' && shortest !== undefined)
      return shortest >= LEAST_SQUASHED
        ? [{ ...resize, size: shortest, fit: 'exact' }]
        : [{ ...resize, size: shortest, fit: 'shorter', fraction }, this.crop([shortest, shortest])];
    const share = fraction === 1 ? {} : { fraction };
    if (sides !== undefined) {
      const [height, width] = sides;
      const shorter = own === 'poolformer' && fraction !== 1 && height === width;
      return [
        { ...resize, size: height === width ? height : sides, fit: shorter ? 'shorter' : 'exact', ...share },
      ];
    }
    if (longest !== undefined) return [{ ...resize, size: longest, fit: 'longer', rounding: 'down' }];
    return [{ ...resize, size: shortest, fit: 'shorter', ...share }];
  }

  /** What the size is divided by before it is resized to. */
  private fraction({ shortest }: ProcessorSize): number {
    const { own } = this.kind;
    const share = numberAt(this.json, 'crop_pct');
    const given = share !== null && share > 0 && share <= 1 ? share : null;
    if (own === 'convnext') return given ?? 224 / 256;
    if (own === 'levit') return shortest === undefined ? 1 : 224 / 256;
    // Without the key its default holds; null there means none.
    return own === 'poolformer' ? (given ?? (this.json['crop_pct'] === null ? 1 : 0.9)) : 1;
  }

  /** The old form is a number, `[height, width]` a newer one. */
  private size(): ProcessorSize | null {
    const value = this.json['size'];
    if (value === undefined || value === null) return sized(this.kind.size, this.kind.shorter);
    if (isSide(value)) return sized(value, this.kind.numberIsShorter ?? this.kind.shorter);
    const sides = Array.isArray(value) ? (value as readonly unknown[]) : [];
    if (isSide(sides[0]) && isSide(sides[1])) return { sides: [sides[0], sides[1]] };
    if (!isObject(value)) return null;
    const { height, width, shortest_edge: shortest, longest_edge: longest } = value;
    if (isSide(height) && isSide(width)) return { sides: [height, width] };
    if (isSide(shortest)) {
      if (isSide(longest)) this.doubts.push(`the longer side at most ${longest}, as longest_edge says`);
      return { shortest };
    }
    return isSide(longest) ? { longest } : null;
  }

  private cropped(): readonly LensStep[] {
    const { own, crop, cropSize, size } = this.kind;
    if (crop === 'never' || !this.does('do_center_crop', crop !== null)) return [];
    // Of ConvNeXt's two classes only the fast one crops behind its own.
    if (own === 'convnext' && !this.fast) return [];
    const value = this.json['crop_size'];
    const side = isSide(value) ? value : (cropSize ?? crop ?? size);
    const { height, width } = isObject(value) ? value : {};
    const sides = isSide(height) && isSide(width) ? ([height, width] as const) : ([side, side] as const);
    if (own === 'perceiver') return this.share(sides);
    return [own === 'convnext' ? { ...this.crop(sides), rounding: 'zero' } : this.crop(sides)];
  }

  /** Perceiver: of the shorter side, the share that `size` has of `crop_size`. */
  private share([height, width]: readonly [number, number]): readonly LensStep[] {
    const { sides: [rows, columns] = [0, 0] } = this.size() ?? {};
    const [fraction, across] = [rows / height, columns / width];
    const rounding = this.fast ? 'zero' : 'down';
    if (fraction === across && fraction > 0 && fraction <= 1)
      return [{ step: 'crop', to: 'aspect', size: 1, fraction, rounding }];
    this.doubts.push('a crop to shares of the shorter side, as size and crop_size say');
    return [];
  }

  private crop([height, width]: readonly [number, number]): LensStep {
    const size = height === width ? height : [height, width];
    if (!this.fast) return { step: 'crop', size, rounding: 'down' };
    return this.kind.own === 'convnext' ? { step: 'crop', size } : { step: 'crop', size, rounding: 'zero' };
  }

  private rescaled(): readonly LensStep[] {
    const factor = numberAt(this.json, 'rescale_factor');
    const offset = this.kind.own === 'efficientnet' && this.does('rescale_offset', false);
    return [
      {
        step: 'rescale',
        ...(factor === null || factor === 0 ? {} : { factor }),
        ...(offset ? { offset: -1 } : {}),
      },
    ];
  }

  /** @param top EfficientNets with their last layer were trained so: divided by the deviation once more */
  private normalized(normalize: boolean, top: boolean): LensStep {
    const mean = normalize ? (this.perChannel('image_mean') ?? this.kind.mean) : [0];
    const std = this.deviations().map((value) => (normalize && top ? value * value : value));
    return { step: 'normalize', mean: perChannel(mean), std: perChannel(std) };
  }

  private deviations(): readonly number[] {
    const found = this.perChannel('image_std') ?? this.kind.std;
    return found.every((value) => value > 0) ? found : this.kind.std;
  }

  private perChannel(key: string): readonly number[] | null {
    const one = numberAt(this.json, key);
    return one === null ? numbersAt(this.json, key) : [one];
  }
}

/** ConvNeXt: pictures of this side and more are stretched. */
const LEAST_SQUASHED = 384;

const sized = (side: number, shorter: boolean): ProcessorSize =>
  shorter ? { shortest: side } : { sides: [side, side] };
