/** How torchvision, timm and efficientnet_pytorch prepare pictures for each of their published weights: models/lenses/presets.json, made from their own code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LensStep } from '../../../protocol/lens';
import { roundHalfEven } from '../round';
import { projectRoot } from '../system/paths';

export interface Preset {
  /** As its library calls them. */
  readonly weights: string;
  /** The first digits of the file's sha256, where the library publishes them. */
  readonly sha256?: string;
  /** The shorter side, before the crop; left out where a fraction says it. */
  readonly resize?: number;
  /** Side of the square that the network sees. */
  readonly crop: number;
  /** The crop's share of the resized picture, as timm has it. */
  readonly fraction?: number;
  readonly filter: string;
  /** How timm resizes, where it is not by the shorter side. */
  readonly mode?: 'squash' | 'border';
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

interface PresetFile {
  readonly torchvision: string;
  readonly timm: string;
  readonly efficientnet_pytorch: string;
  readonly presets: Readonly<Record<string, readonly Preset[]>>;
}

let read: PresetFile | null = null;

export function presetsOf(architecture: string): readonly Preset[] {
  read ??= JSON.parse(
    readFileSync(join(projectRoot(), 'models', 'lenses', 'presets.json'), 'utf8'),
  ) as PresetFile;
  return Object.hasOwn(read.presets, architecture) ? (read.presets[architecture] ?? []) : [];
}

export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGENET_STD = [0.229, 0.224, 0.225] as const;

/** Pillow's resize with its antialiasing, center crop, 0..1, mean and deviation: what the three libraries do on the CPU. */
export function stepsOf({
  resize,
  crop,
  fraction = 1,
  filter,
  mode,
  mean,
  std,
}: Preset): readonly LensStep[] {
  const fit = mode === 'squash' ? 'exact' : mode === 'border' ? 'longer' : 'shorter';
  const side =
    resize === undefined ? { size: crop, ...(fraction === 1 ? {} : { fraction }) } : { size: resize };
  // timm fills what a picture that keeps its aspect leaves free with the mean color.
  const margin =
    mode === 'border' ? { fill: (mean ?? IMAGENET_MEAN).map((value) => roundHalfEven(255 * value)) } : {};
  return [
    { step: 'resize', ...side, fit, filter, like: 'pillow' },
    { step: 'crop', size: crop, at: 'center', ...margin },
    { step: 'rescale' },
    { step: 'normalize', mean: mean ?? IMAGENET_MEAN, std: std ?? IMAGENET_STD },
  ];
}

/** In a clause, to tell one from another. */
export function describePreset({ weights, resize, crop, fraction, filter, mean }: Preset): string {
  const size =
    resize === undefined ? `${crop} of ${Math.floor(crop / (fraction ?? 1))}` : `${crop} of ${resize}`;
  return `${weights}: ${size}, ${filter}${mean === undefined ? '' : `, mean ${mean.join(', ')}`}`;
}

/** One of each way to prepare: presets that differ only in name are the same. */
export function different(presets: readonly Preset[]): readonly Preset[] {
  const seen = new Set<string>();
  return presets.filter((preset) => {
    const key = JSON.stringify(stepsOf(preset));
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
