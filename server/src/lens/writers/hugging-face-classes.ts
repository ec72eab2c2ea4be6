/** The defaults of transformers' image processors that classifiers are published with, for keys that a file leaves out (transformers 4.57). */
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';

/** Pillow's codes of `resample`, and the filters that they mean. */
export const RESAMPLE: Readonly<Record<number, string>> = {
  0: 'nearest',
  1: 'lanczos',
  2: 'bilinear',
  3: 'bicubic',
  4: 'area',
  5: 'hamming',
};

export interface ProcessorClass {
  /** `size` is the shorter side; otherwise a square. */
  readonly shorter: boolean;
  /** What a single number means in the file, if that is not the default. */
  readonly numberIsShorter?: boolean;
  readonly size: number;
  readonly resample: number;
  /** Null where it is not cropped unless the file says so, `never` where its code does not crop at all. */
  readonly crop: number | null | 'never';
  /** Of the crop that a file asks for without a size; left out: `crop`, or `size`. */
  readonly cropSize?: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** What it does beyond resize, crop, rescale and normalize. */
  readonly own?: 'convnext' | 'levit' | 'poolformer' | 'efficientnet' | 'mobilevit' | 'perceiver' | 'dinov3';
}

const HALF = [0.5, 0.5, 0.5] as const;
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;

const square = { shorter: false, crop: null } as const;
const whole = { shorter: false, crop: 'never' } as const;
const cropped = { shorter: true, size: 224, resample: 3, crop: 224 } as const;
const halves = { mean: HALF, std: HALF } as const;
const imagenet = { mean: IMAGENET_MEAN, std: IMAGENET_STD } as const;
const clip = { mean: CLIP_MEAN, std: CLIP_STD } as const;

const VIT: ProcessorClass = { ...whole, size: 224, resample: 2, ...halves };
const CLIP: ProcessorClass = { ...cropped, ...clip };
const MOBILENET: ProcessorClass = { ...cropped, size: 256, resample: 2, ...halves };

/** By name without `ImageProcessor`, `ImageProcessorFast` or `FeatureExtractor`. */
export const PROCESSORS: Readonly<Record<string, ProcessorClass>> = {
  ViT: VIT,
  Pvt: { ...VIT, ...imagenet },
  DINOv3ViT: { ...square, size: 224, resample: 2, ...imagenet, own: 'dinov3' },
  Segformer: { ...VIT, size: 512, ...imagenet },
  Beit: { shorter: false, size: 256, resample: 3, crop: 224, ...halves },
  DeiT: { shorter: false, size: 256, resample: 3, crop: 224, ...halves },
  EfficientFormer: { shorter: false, size: 224, resample: 3, crop: 224, ...imagenet },
  Siglip: { ...whole, size: 224, resample: 3, ...halves },
  Blip: { ...whole, size: 384, resample: 3, ...clip },
  Bit: CLIP,
  CLIP,
  ChineseCLIP: CLIP,
  ViTHybrid: CLIP,
  MobileNetV1: MOBILENET,
  MobileNetV2: MOBILENET,
  MobileViT: { ...cropped, resample: 2, crop: 256, mean: [0], std: [1], own: 'mobilevit' },
  ConvNext: { shorter: true, size: 384, resample: 2, crop: null, ...halves, own: 'convnext' },
  Levit: { ...cropped, ...imagenet, own: 'levit' },
  PoolFormer: { ...cropped, ...imagenet, own: 'poolformer' },
  EfficientNet: { ...square, size: 346, cropSize: 289, resample: 0, ...halves, own: 'efficientnet' },
  Perceiver: { shorter: false, size: 224, resample: 3, crop: 256, ...imagenet, own: 'perceiver' },
};

/** Most fast classes crop where the file says so, and BEiT's has other defaults than the slow one. */
export const FAST: Readonly<Record<string, ProcessorClass>> = {
  ...PROCESSORS,
  ViT: { ...VIT, ...square },
  Pvt: { ...VIT, ...imagenet, ...square },
  Siglip: { ...square, size: 224, numberIsShorter: true, resample: 3, ...halves },
  Blip: { ...square, size: 384, resample: 3, ...clip },
  Beit: { ...square, size: 224, resample: 3, ...halves },
};
