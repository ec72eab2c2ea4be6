/** What the reader chose to see; saved across reloads, so it is validated when it is restored. */
import { CAM_METHODS, idsOf } from '../../../protocol/vocabulary';
import type { CamMethod } from '../../../protocol/report';
import { paletteNames, type PaletteName } from '../picture/palettes';
import { reviveColumns, type ColumnId } from './columns';
import { firstDisplay, reviveDisplay, type Display } from './display';
import { sortKeys, type Sort } from './rows';

export const modes = ['heatmap', 'activation', 'both'] as const;
export type Mode = (typeof modes)[number];

export interface View {
  readonly layer: string | null;
  /** Null is the report's first. */
  readonly method: CamMethod | null;
  readonly mode: Mode;
  /** `report` takes the colors of the report's own pictures. */
  readonly palette: PaletteName | 'report';
  /** 0..1 of the colored map over the picture. */
  readonly heatmapOpacity: number;
  readonly activationOpacity: number;
  readonly sort: Sort;
  readonly filter: string;
  readonly markedOnly: boolean;
  readonly showBoxes: boolean;
  readonly showLandmarks: boolean;
  readonly showCrop: boolean;
  /** 0..1: how much of the picture before the wavelet is uncovered. */
  readonly wipe: number;
  readonly details: boolean;
  readonly logHistogram: boolean;
  /** Position of the preprocessing step that is open; null where none is. */
  readonly step: number | null;
  /** Whether input and preprocessing are open below their strip. */
  readonly preparation: boolean;
  /** Whether the input is being edited by hand. */
  readonly editing: boolean;
  /** Of the table; null shows as many as there is room for. */
  readonly columns: readonly ColumnId[] | null;
  readonly display: Display;
}

export const firstView: View = {
  layer: null,
  method: null,
  mode: 'heatmap',
  palette: 'report',
  heatmapOpacity: 0.5,
  activationOpacity: 1,
  sort: { key: 'order', falling: false },
  filter: '',
  markedOnly: false,
  showBoxes: true,
  showLandmarks: true,
  showCrop: false,
  wipe: 0.5,
  details: false,
  logHistogram: true,
  step: null,
  preparation: false,
  editing: false,
  columns: null,
  display: firstDisplay,
};

/** What was kept, entry by entry where it still makes sense, else the first view's. */
export function reviveView(kept: unknown): View {
  const entries = new Map(kept !== null && typeof kept === 'object' ? Object.entries(kept) : []);
  const oneOf = <T>(key: string, allowed: readonly T[], otherwise: T): T =>
    allowed.find((value) => value === entries.get(key)) ?? otherwise;
  const flag = (key: string, otherwise: boolean) => oneOf(key, [true, false], otherwise);
  const text = (key: string): string | null => {
    const value: unknown = entries.get(key);
    return typeof value === 'string' ? value : null;
  };
  const share = (key: string, otherwise: number): number => {
    const value: unknown = entries.get(key);
    return typeof value === 'number' && value >= 0 && value <= 1 ? value : otherwise;
  };
  const position = (key: string): number | null => {
    const value: unknown = entries.get(key);
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
  };
  const sort = entries.get('sort') as Partial<Sort> | null | undefined;
  return {
    layer: text('layer'),
    method: oneOf<CamMethod | null>('method', idsOf(CAM_METHODS), null),
    mode: oneOf('mode', modes, firstView.mode),
    palette: oneOf<View['palette']>('palette', paletteNames, 'report'),
    heatmapOpacity: share('heatmapOpacity', firstView.heatmapOpacity),
    activationOpacity: share('activationOpacity', firstView.activationOpacity),
    sort: { key: sortKeys.find((key) => key === sort?.key) ?? 'order', falling: sort?.falling === true },
    filter: text('filter') ?? '',
    markedOnly: flag('markedOnly', firstView.markedOnly),
    showBoxes: flag('showBoxes', firstView.showBoxes),
    showLandmarks: flag('showLandmarks', firstView.showLandmarks),
    showCrop: flag('showCrop', firstView.showCrop),
    wipe: share('wipe', firstView.wipe),
    details: flag('details', firstView.details),
    logHistogram: flag('logHistogram', firstView.logHistogram),
    step: position('step'),
    preparation: flag('preparation', firstView.preparation),
    editing: flag('editing', firstView.editing),
    columns: reviveColumns(entries.get('columns')),
    display: reviveDisplay(entries.get('display')),
  };
}
