/** How raw maps become colors, as the reader chose it; saved across reloads, so it is validated when it is restored. */

/** `report`: as the report's own pictures; `cells`: each value of the map as one square, nothing between them. */
export const drawings = ['report', 'cells'] as const;
/** What lies outside is drawn in the end colors: a share of all pixels, half of it at each end of a signed scale. */
export const clips = [0, 1, 5, 10] as const;

/** A range of values, taken from one layer and used for all. */
export interface Locked {
  readonly low: number;
  readonly high: number;
  readonly layer: string;
}

export interface Display {
  readonly drawing: (typeof drawings)[number];
  /** Heatmaps before ReLU, with zero in the middle of the colors; otherwise after it, as the report draws and counts them. */
  readonly signed: boolean;
  /** Percent. */
  readonly clip: (typeof clips)[number];
  readonly lockedHeatmap: Locked | null;
  readonly lockedActivation: Locked | null;
}

export const firstDisplay: Display = {
  drawing: 'report',
  signed: false,
  clip: 0,
  lockedHeatmap: null,
  lockedActivation: null,
};

/** The saved display options, each where it is still valid. */
export function reviveDisplay(kept: unknown): Display {
  const { drawing, signed, clip, lockedHeatmap, lockedActivation } = (
    kept !== null && typeof kept === 'object' ? kept : {}
  ) as Partial<Record<keyof Display, unknown>>;
  return {
    drawing: drawings.find((value) => value === drawing) ?? firstDisplay.drawing,
    signed: signed === true,
    clip: clips.find((value) => value === clip) ?? firstDisplay.clip,
    lockedHeatmap: reviveLocked(lockedHeatmap),
    lockedActivation: reviveLocked(lockedActivation),
  };
}

function reviveLocked(kept: unknown): Locked | null {
  const { low, high, layer } = (kept !== null && typeof kept === 'object' ? kept : {}) as Partial<
    Record<keyof Locked, unknown>
  >;
  if (typeof low !== 'number' || typeof high !== 'number' || typeof layer !== 'string') return null;
  return Number.isFinite(low) && Number.isFinite(high) && high > low ? { low, high, layer } : null;
}
