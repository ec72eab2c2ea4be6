/** A layer's map as the reader chose to see it, with the scale that its colors have. */
import { useMemo } from 'preact/hooks';
import { usePanel } from '../../context';
import type { FloatMap } from '../../picture/floatMap';
import type { PaletteName } from '../../picture/palettes';
import { clipped, onScale, shownMap, type Shown } from '../../picture/shown';

export type PictureKind = 'heatmap' | 'activation';

export interface Scaled {
  /** Null where the map is blank, or holds something that is not finite. */
  readonly shown: Shown | null;
  readonly palette: PaletteName;
  readonly signed: boolean;
  /** The layer that the scale was taken from; null where it is this one's own. */
  readonly lockedTo: string | null;
}

/** Those of the report's own pictures. */
const ownPalette = { heatmap: 'jet', activation: 'viridis' } as const;

/** An activation has negative values of its own: signed colors are for both, ReLU is for heatmaps alone. */
export function useShown(
  kind: PictureKind,
  map: FloatMap | null,
  { width, height }: { readonly width: number; readonly height: number },
): Scaled | null {
  const { display, palette: chosen } = usePanel().view;
  const { drawing, clip } = display;
  const signed = display.signed || chosen === 'signed';
  const locked = kind === 'heatmap' ? display.lockedHeatmap : display.lockedActivation;
  const own = useMemo(() => {
    if (!map || width === 0 || height === 0) return undefined;
    const shown = shownMap(map, { kind, signed, cells: drawing === 'cells', width, height });
    return shown && clipped(shown, clip, signed);
  }, [map, kind, signed, drawing, clip, width, height]);
  return useMemo(() => {
    if (own === undefined) return null;
    const palette = signed ? 'signed' : chosen === 'report' ? ownPalette[kind] : chosen;
    const shown = own && locked ? onScale(own, locked.low, locked.high) : own;
    return { shown, palette, signed, lockedTo: locked?.layer ?? null };
  }, [own, locked, signed, chosen, kind]);
}
