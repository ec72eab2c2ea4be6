/** A layer's map as the reader chose to see it, with the scale that its colors have. */
import { useMemo } from 'preact/hooks';
import { usePanel } from '../../context';
import type { FloatMap } from '../../picture/floatMap';
import type { PaletteName } from '../../picture/palettes';
import type { Painter } from '../../picture/painter';
import { clipped, onScale, shownMap, type Drawing, type Shown } from '../../picture/shown';
import type { Display } from '../../state/display';
import type { View } from '../../state/view';

export type PictureKind = 'heatmap' | 'activation';

export interface Scaled {
  /** Null where the map is blank, or holds something that is not finite. */
  readonly shown: Shown | null;
  readonly palette: PaletteName;
  readonly signed: boolean;
  /** The layer that the scale was taken from; null where it is this one's own. */
  readonly lockedTo: string | null;
}

/** Of the picture, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Those of the report's own pictures. */
const ownPalette = { heatmap: 'jet', activation: 'viridis' } as const;

/** What is drawn of a map, as the reader chose: nothing of one that is blank. */
interface Choice extends Omit<Drawing, 'cells'> {
  readonly display: Display;
  readonly chosen: View['palette'];
}

/** An activation has negative values of its own: signed colors are for both, ReLU is for heatmaps alone. */
function ownScale(painter: Painter, map: FloatMap, { display, ...drawing }: Choice): Shown | null {
  const shown = shownMap(painter, map, { ...drawing, cells: display.drawing === 'cells' });
  return shown && clipped(shown, display.clip, drawing.signed);
}

function scaledBy(own: Shown | null, { kind, signed, display, chosen }: Choice): Scaled {
  const locked = kind === 'heatmap' ? display.lockedHeatmap : display.lockedActivation;
  const palette = signed ? 'signed' : chosen === 'report' ? ownPalette[kind] : chosen;
  const shown = own && locked ? onScale(own, locked.low, locked.high) : own;
  return { shown, palette, signed, lockedTo: locked?.layer ?? null };
}

const choiceOf = (
  kind: PictureKind,
  { display, palette: chosen }: Pick<View, 'display' | 'palette'>,
  size: Size,
): Choice => ({
  ...{ kind, display, chosen, signed: display.signed || chosen === 'signed' },
  ...{ width: size.width, height: size.height },
});

/** For drawing it once, before another map is. */
export function scaledMap(
  painter: Painter,
  kind: PictureKind,
  map: FloatMap,
  view: Pick<View, 'display' | 'palette'>,
  size: Size,
): Scaled {
  const choice = { ...choiceOf(kind, view, size), passing: true };
  return scaledBy(ownScale(painter, map, choice), choice);
}

export function useShown(kind: PictureKind, map: FloatMap | null, { width, height }: Size): Scaled | null {
  const { view, painter } = usePanel();
  const { display, palette: chosen } = view;
  const { drawing, clip, signed } = display;
  const choice = choiceOf(kind, view, { width, height });
  const own = useMemo(
    () => (!map || width === 0 || height === 0 ? undefined : ownScale(painter, map, choice)),
    [painter, map, kind, signed, drawing, clip, chosen === 'signed', width, height],
  );
  return useMemo(() => (own === undefined ? null : scaledBy(own, choice)), [own, display, chosen, kind]);
}
