/** The layers as the journey's table shows them: filtered and sorted. */
import type { CamMethod } from '../../../protocol/report';
import type { PartialLayer } from '../../../protocol/requests';
import { real } from '../text/numbers';
import { tellingLayer } from '../../../protocol/telling';

export const sortKeys = ['order', 'name', 'size', 'mean', 'std', 'cam', 'negative', 'health'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface Sort {
  readonly key: SortKey;
  readonly falling: boolean;
}

export type PartialHeatmap = PartialLayer['heatmaps'][number];

export interface Row {
  /** Place in the forward pass, from 0. */
  readonly order: number;
  readonly layer: PartialLayer;
  /** By the shown method; undefined only in a report that lacks it. */
  readonly heatmap: PartialHeatmap | undefined;
}

/** Whether a layer's pictures are on disk, and with them what they show is known. */
export const isDrawn = ({ drawn, heatmaps }: PartialLayer): boolean =>
  drawn !== false && heatmaps.every(({ blank }) => blank !== null);

export function rows(layers: readonly PartialLayer[], method: CamMethod | null): Row[] {
  return layers.map((layer, order) => ({
    order,
    layer,
    heatmap: layer.heatmaps.find((heatmap) => heatmap.method === method) ?? layer.heatmaps[0],
  }));
}

/**
 * The layer to begin with: the most telling one, which moves while a run goes on, and stands once every layer is drawn; where there is
 * none, the last one.
 */
export function firstLayer(layers: readonly PartialLayer[]): string | null {
  return (tellingLayer(layers) ?? layers.at(-1))?.name ?? null;
}

/** Every word of the filter must occur in the layer's name, operator or shape; case is ignored. */
export function filtered(all: readonly Row[], filter: string, markedOnly: boolean): Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ layer }) => {
    if (markedOnly && layer.health.length === 0) return false;
    const text = `${layer.name} ${layer.operator} ${layer.shape.slice(1).join('x')}`.toLowerCase();
    return words.every((word) => text.includes(word.replaceAll('×', 'x')));
  });
}

/** Stable; what is not a number comes last in either direction. */
export function sorted(all: readonly Row[], { key, falling }: Sort): Row[] {
  const sign = falling ? -1 : 1;
  if (key === 'name') {
    return [...all].sort((a, b) => sign * a.layer.name.localeCompare(b.layer.name, 'en', { numeric: true }));
  }
  return [...all].sort((a, b) => {
    const [left, right] = [measure(a, key), measure(b, key)];
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? a.order - b.order : sign * (left < right ? -1 : 1);
  });
}

function measure({ order, layer, heatmap }: Row, key: Exclude<SortKey, 'name'>): number {
  switch (key) {
    case 'order':
      return order;
    case 'size':
      return layer.shape.reduce((product, side) => product * side, 1);
    case 'mean':
      return real(layer.activation.mean);
    case 'std':
      return real(layer.activation.std);
    case 'cam':
      return heatmap ? real(heatmap.cam.max) : Number.NaN;
    case 'negative':
      return heatmap ? real(heatmap.negative) : Number.NaN;
    case 'health':
      return layer.health.length;
    default:
      return key satisfies never;
  }
}

/** The name of the row `step` places from the selected one, stopping at the ends; the first if none is selected. */
export function neighbor(shown: readonly Row[], selected: string | null, step: number): string | null {
  const at = shown.findIndex(({ layer }) => layer.name === selected);
  const index = at < 0 ? 0 : Math.min(Math.max(at + step, 0), shown.length - 1);
  return shown[index]?.layer.name ?? null;
}
