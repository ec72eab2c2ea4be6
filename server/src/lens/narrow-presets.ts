/** Which of a network's presets a file can have been trained with: by its number of classes, and by the names in its path. */
import type { Preset } from './presets';

/** Of the ImageNets that libraries publish weights for; timm's and others' cuts of the large ones differ. */
const CLASSES: Readonly<Record<string, readonly number[]>> = {
  '1k': [1000],
  '12k': [11821],
  '21k': [21843, 21841, 11221, 10450],
  '22k': [21843, 21841],
};

/** What the weights were trained on last ends their name: `augreg_in21k_ft_in1k`, `IMAGENET1K_V1`. Undefined where that says no ImageNet. */
function classesOf({ weights }: Preset): readonly number[] | undefined {
  const sets = [...weights.toLowerCase().matchAll(/(?:in|imagenet)(1k|12k|21k|22k)(?![a-z0-9])/g)];
  return CLASSES[sets.at(-1)?.[1] ?? ''];
}

/** Those whose weights have as many classes; all of them where none has, as of a network with classes of one's own. */
export function withClasses(presets: readonly Preset[], classes: number | null): readonly Preset[] {
  const fitting = presets.filter((preset) => classes !== null && classesOf(preset)?.includes(classes));
  return fitting.length === 0 ? presets : fitting;
}

/** Folders above a file whose names count, as in a cache of the hub. */
const FOLDERS = 3;

const words = (text: string): string => text.toLowerCase().replaceAll('-', '_');

export interface NamedPresets {
  readonly presets: readonly Preset[];
  readonly word: string;
}

/**
 * Those that the nearest folder or file name in the path means, by the longest match: weights with their tag,
 * or only the network.
 */
export function namedIn(presets: readonly Preset[], path: string): NamedPresets | null {
  const candidates = presets.flatMap((preset) =>
    [preset.weights, preset.weights.replace(/\..*/, '')].map((word) => ({ preset, word: words(word) })),
  );
  for (const segment of path
    .split(/[/\\]/)
    .reverse()
    .slice(0, 1 + FOLDERS)) {
    const found = candidates.filter(({ word }) => words(segment).includes(word));
    const longest = Math.max(...found.map(({ word }) => word.length));
    const best = found.filter(({ word }) => word.length === longest);
    const [first] = best;
    if (first !== undefined)
      return { presets: [...new Set(best.map(({ preset }) => preset))], word: first.word };
  }
  return null;
}
