/** What the panel knows, as a function of the messages it received. */
import type { Progress } from '../../../protocol/analysis';
import type { Failure } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { LayerDetails, PartialReport } from '../../../protocol/requests';
import { decodeBase64 } from '../picture/floatMap';

export type Details =
  | { readonly state: 'asked' }
  | { readonly state: 'here'; readonly details: LayerDetails }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface PanelState {
  readonly image: string | null;
  readonly folder: string | null;
  /** Address of the report folder for the webview, without a slash at its end. */
  readonly base: string;
  readonly report: Report | null;
  /** First results of a run whose report is not there yet. */
  readonly partial: PartialReport | null;
  readonly running: boolean;
  readonly progress: Progress | null;
  readonly failure: Failure | null;
  /** Why there is nothing to show; null as long as something is or will be. */
  readonly empty: string | null;
  readonly stale: readonly string[];
  readonly maps: ArrayBuffer | null;
  readonly mapsFailure: Failure | null;
  readonly details: ReadonlyMap<string, Details>;
}

export const firstState: PanelState = {
  image: null,
  folder: null,
  base: '',
  report: null,
  partial: null,
  running: false,
  progress: null,
  failure: null,
  empty: null,
  stale: [],
  maps: null,
  mapsFailure: null,
  details: new Map(),
};

export function receive(state: PanelState, message: ToPanel): PanelState {
  switch (message.type) {
    case 'loading': {
      const same = message.image === state.image;
      const kept = same ? state : firstState;
      // A report in view stays until the new one replaces it; half a report of an ended run does not.
      const partial = same && state.running ? state.partial : null;
      return {
        ...kept,
        image: message.image,
        partial,
        running: true,
        progress: message.progress,
        failure: null,
        empty: null,
      };
    }
    case 'partial':
      return {
        ...state,
        base: state.report ? state.base : message.base,
        partial: { ...state.partial, ...message.report },
      };
    case 'report':
      return {
        ...firstState,
        image: message.report.input.path,
        folder: message.folder,
        base: message.base,
        report: message.report,
        stale: message.stale,
      };
    case 'stale':
      return { ...state, stale: message.reasons };
    case 'maps':
      return { ...state, maps: decodeBase64(message.base64), mapsFailure: null };
    case 'mapsFailed':
      return { ...state, mapsFailure: message.failure };
    case 'failed':
      return { ...state, running: false, progress: null, partial: null, failure: message.failure };
    case 'empty':
      return { ...firstState, empty: message.reason };
    case 'layerDetails':
      return withDetails(state, message.layer, { state: 'here', details: message.details });
    case 'layerDetailsFailed':
      return withDetails(state, message.layer, { state: 'failed', failure: message.failure });
    default:
      message satisfies never;
      return state;
  }
}

export const withDetails = (state: PanelState, layer: string, details: Details): PanelState => ({
  ...state,
  details: new Map(state.details).set(layer, details),
});

/** What there is to show, whole or in part. */
export const shownReport = (state: PanelState): PartialReport | null => state.report ?? state.partial;
