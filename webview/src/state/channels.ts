/** The channels of a layer as far as they were requested, page by page. */
import type { Failure } from '../../../protocol/failure';
import type { LayerChannel, LayerChannels } from '../../../protocol/requests';

export interface Channels {
  /** By falling share of the heatmap, from the first. */
  readonly list: readonly LayerChannel[];
  /** How many the layer has; null before the first page. */
  readonly total: number | null;
  /** Rank of the next page's first; null where there is none, or before the first page. */
  readonly next: number | null;
  /** A page is on its way. */
  readonly asked: boolean;
  readonly failure: Failure | null;
}

export const noChannels: Channels = { list: [], total: null, next: null, asked: false, failure: null };

export function joinedPages(known: Channels, { from, total, next, channels }: LayerChannels): Channels {
  if (from !== known.list.length) return known; // came twice
  return { list: [...known.list, ...channels], total, next, asked: false, failure: null };
}
