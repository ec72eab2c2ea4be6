/** The defaults of transformers' image processors that classifiers are published with, for keys that a file leaves out (transformers 4.57). */
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';

/** Pillow's codes of `resample`, and the filters that they mean; 5 is Hamming, which is not built in. */
export const RESAMPLE: Readonly<Record<number, string>> = {
  0: 'nearest',
  1: 'lanczos',
  2: 'bilinear',
  3: 'bicubic',
  4: 'area',
};

export interface ProcessorClass {
  /** A number alone is the shorter side; otherwise a square. */
  readonly shorter: boolean;
  readonly size: number;
  readonly resample: number;
  /** Null where it is not cropped unless the file says so. */
  readonly crop: number | null;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** What it does beyond resize, crop, rescale and normalize. */
  readonly own?: 'convnext' | 'levit' | 'poolformer' | 'efficientnet' | 'mobilevit';
}

const HALF = [0.5, 0.5, 0.5] as const;
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;

const square = { shorter: false, crop: null } as const;
const cropped = { shorter: true, size: 224, resample: 3, crop: 224 } as const;
const halves = { mean: HALF, std: HALF } as const;
const imagenet = { mean: IMAGENET_MEAN, std: IMAGENET_STD } as const;
const clip = { mean: CLIP_MEAN, std: CLIP_STD } as const;

const VIT: ProcessorClass = { ...square, size: 224, resample: 2, ...halves };
const CLIP: ProcessorClass = { ...cropped, ...clip };
const MOBILENET: ProcessorClass = { ...cropped, size: 256, resample: 2, ...halves };

/** By name without `ImageProcessor`, `ImageProcessorFast` or `FeatureExtractor`. */
export const PROCESSORS: Readonly<Record<string, ProcessorClass>> = {
  ViT: VIT,
  Pvt: { ...VIT, ...imagenet },
  DINOv3ViT: { ...VIT, ...imagenet },
  Segformer: { ...VIT, size: 512, ...imagenet },
  Beit: { shorter: false, size: 256, resample: 3, crop: 224, ...halves },
  DeiT: { shorter: false, size: 256, resample: 3, crop: 224, ...halves },
  EfficientFormer: { shorter: false, size: 224, resample: 3, crop: 224, ...imagenet },
  Siglip: { ...square, size: 224, resample: 3, ...halves },
  Blip: { ...square, size: 384, resample: 3, ...clip },
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
  EfficientNet: { ...square, size: 346, resample: 0, ...halves, own: 'efficientnet' },
};

/** The fast BEiT has other defaults than the slow one. */
export const FAST: Readonly<Record<string, ProcessorClass>> = {
  ...PROCESSORS,
  Beit: { ...square, size: 224, resample: 3, ...halves },
};
