/** What the panel knows, as a function of the messages it received. */
import type { Progress } from '../../../protocol/analysis';
import type { Failure } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { FaceReport, Report } from '../../../protocol/report';
import type {
  FilePicture,
  LayerDetails,
  PartialLayer,
  PartialReport,
  QuickVerdict,
  StepPictures,
} from '../../../protocol/requests';
import { decodeBase64 } from '../picture/floatMap';
import { joinedPages, noChannels, type Channels } from './channels';
import { inPanel } from './failures';
import { editIn, facesFound } from './hand';
import { isEqual } from './equal';
import { unchangedMaps, withMaps, type Maps } from './maps';

export type Details =
  | { readonly state: 'asked' }
  | { readonly state: 'here'; readonly details: LayerDetails }
  | { readonly state: 'failed'; readonly failure: Failure };

export type StepDrawn =
  | { readonly state: 'asked' }
  | { readonly state: 'here'; readonly pictures: StepPictures['pictures'] }
  | { readonly state: 'failed'; readonly failure: Failure };

/** What came of an input that is edited by hand. */
export interface Handled {
  /** The verdict that came last, and to which question. */
  readonly verdict: { readonly asked: number; readonly value: QuickVerdict } | null;
  readonly failure: { readonly asked: number; readonly value: Failure } | null;
  /** Of an image that has no report. */
  readonly picture: FilePicture | null;
  readonly pictureFailure: Failure | null;
  /** What a detector found in this image. */
  readonly faces: readonly FaceReport[];
  /** The report of the file as it is, once there was one in view. */
  readonly plain: Report | null;
}

const nothingHandled: Handled = {
  ...{ verdict: null, failure: null, picture: null, pictureFailure: null },
  ...{ faces: [], plain: null },
};

export interface PanelState {
  readonly image: string | null;
  readonly folder: string | null;
  /** Address of the report folder for the webview, without a slash at its end. */
  readonly base: string;
  /**
   * The same for the pictures of the input and its steps. Where the report in view took the place of another one of the same picture, it is
   * that one's: what is loaded is not loaded again.
   */
  readonly stepsBase: string;
  readonly report: Report | null;
  /** Made from the report in view, such as by another target: replaces it once the maps of what is in view are there. */
  readonly next: Extract<ToPanel, { type: 'report' }> | null;
  /** What is known of a run whose report is not there: it still runs, or it ended without one. */
  readonly partial: PartialReport | null;
  readonly running: boolean;
  readonly progress: Progress | null;
  readonly failure: Failure | null;
  /** Why there is nothing to show; null as long as something is or will be. */
  readonly empty: string | null;
  /** Why the report that was to be shown cannot be. */
  readonly unreadable: Failure | null;
  readonly stale: readonly string[];
  readonly maps: Maps;
  /** Where the run writes of which something is known, by which its maps are requested. */
  readonly run: string | null;
  /** Of that run, while an earlier report is in view; null until the question is answered. */
  readonly coming: Maps | null;
  readonly mapsFailure: Failure | null;
  readonly details: ReadonlyMap<string, Details>;
  readonly channels: ReadonlyMap<string, Channels>;
  /** How saving or copying ended last. */
  readonly notice: { readonly text: string; readonly failed: boolean } | null;
  /** Of preprocessing steps, by position. */
  readonly steps: ReadonlyMap<number, StepDrawn>;
  readonly hand: Handled;
}

export const firstState: PanelState = {
  image: null,
  folder: null,
  base: '',
  stepsBase: '',
  report: null,
  next: null,
  partial: null,
  running: false,
  progress: null,
  failure: null,
  empty: null,
  unreadable: null,
  stale: [],
  maps: new Map(),
  run: null,
  coming: null,
  mapsFailure: null,
  details: new Map(),
  channels: new Map(),
  notice: null,
  steps: new Map(),
  hand: nothingHandled,
};

export function receive(state: PanelState, message: ToPanel): PanelState {
  switch (message.type) {
    case 'loading':
      return loading(state, message.image, message.progress);
    case 'partial':
      return partly(state, message);
    case 'report':
      if (replaces(state, message.report))
        return state.coming !== null ? replaced(state, message, state.coming) : { ...state, next: message };
      // The run's raw maps are the report's: what is drawn from them stays as it is.
      return showing(state, message, showsRun(state) ? state.maps : new Map());
    case 'unreadable':
      return { ...firstState, unreadable: message.failure };
    case 'stale':
      return { ...state, stale: message.reasons };
    case 'maps':
      return mapsCame(state, message);
    case 'mapsFailed':
      return mapsFailed(state, message);
    case 'failed':
      // What was found out is still true, so it stays; the report of an earlier run says more than half a new one.
      return {
        ...state,
        running: false,
        progress: null,
        partial: state.report ? null : state.partial,
        failure: inPanel(message.failure),
      };
    case 'empty':
      return { ...firstState, empty: message.reason };
    case 'copySummary':
      return state; // answered by the page
    default:
      return answered(state, message);
  }
}

function partly(
  state: PanelState,
  { folder, base, report }: Extract<ToPanel, { type: 'partial' }>,
): PanelState {
  const { maps: came, ...known } = report;
  const next = { ...state, run: folder, partial: joined(state.partial, known) };
  if (state.report) return next;
  return {
    ...next,
    base,
    stepsBase: base,
    maps: came ? withMaps(state.maps, came.slices, decodeBase64(came.base64)) : state.maps,
  };
}

function mapsFailed(
  state: PanelState,
  { folder, failure }: Extract<ToPanel, { type: 'mapsFailed' }>,
): PanelState {
  const { report, next, run } = state;
  if (next && (folder === next.folder || folder === run))
    return { ...showing(state, next, new Map()), mapsFailure: failure };
  if (folder === mapsFolder(state)) return { ...state, mapsFailure: failure };
  // Where the run fails, nobody misses them; where it does not, they are requested once more.
  return report && folder === run ? { ...state, coming: new Map() } : state;
}

function mapsCame(
  state: PanelState,
  { folder, slices, bytes }: Extract<ToPanel, { type: 'maps' }>,
): PanelState {
  const { report, next, run } = state;
  if (next && (folder === next.folder || folder === run))
    return replaced(state, next, withMaps(new Map(), slices, bytes));
  if (folder === mapsFolder(state))
    return { ...state, maps: withMaps(state.maps, slices, bytes), mapsFailure: null };
  if (report && folder === run)
    return { ...state, coming: withMaps(state.coming ?? new Map(), slices, bytes) };
  return state; // of what is not in view any more
}

type Answer = Extract<
  ToPanel,
  { type: `layer${string}` | `step${string}` | `verdict${string}` | `filePicture${string}` | 'notice' }
>;

/** What the page requested, or why it does not come. */
function answered(state: PanelState, message: Answer): PanelState {
  switch (message.type) {
    case 'layerDetails':
      return withDetails(state, message.layer, { state: 'here', details: message.details });
    case 'layerDetailsFailed':
      return withDetails(state, message.layer, { state: 'failed', failure: inPanel(message.failure) });
    case 'layerChannels':
      return withChannels(state, message.page.layer, (known) => joinedPages(known, message.page));
    case 'layerChannelsFailed':
      return withChannels(state, message.layer, (known) => ({
        ...{ ...known, asked: false },
        failure: inPanel(message.failure),
      }));
    case 'notice':
      return { ...state, notice: { text: message.text, failed: message.failed } };
    case 'stepPictures':
      return withStep(state, message.step, { state: 'here', pictures: message.pictures });
    case 'stepPicturesFailed':
      return withStep(state, message.step, { state: 'failed', failure: inPanel(message.failure) });
    default:
      return { ...state, hand: handled(state.hand, message) };
  }
}

function handled(
  hand: Handled,
  message: Extract<Answer, { type: `verdict${string}` | `filePicture${string}` }>,
): Handled {
  switch (message.type) {
    case 'verdict':
      return { ...hand, verdict: { asked: message.asked, value: message.verdict }, failure: null };
    case 'verdictFailed':
      return { ...hand, failure: { asked: message.asked, value: inPanel(message.failure) } };
    case 'filePicture':
      return { ...hand, picture: message.picture, pictureFailure: null };
    case 'filePictureFailed':
      return { ...hand, pictureFailure: inPanel(message.failure) };
  }
}

/** Of a report that comes, what is known of its image from those before it. */
function handOf({ hand, report: before }: PanelState, report: Report): Handled {
  const same = before !== null && before.input.sha256 === report.input.sha256;
  const { box, strokes } = editIn(report.options);
  return {
    ...nothingHandled,
    faces: facesFound(report) ?? (same ? hand.faces : []),
    plain: box === null && strokes === null ? report : same ? hand.plain : null,
  };
}

/** A report in view, and of its maps those that are there. */
const showing = (
  state: PanelState,
  { folder, base, report, stale }: Extract<ToPanel, { type: 'report' }>,
  maps: Maps,
): PanelState => ({
  ...{ ...firstState, maps, image: report.input.path, folder, base, stepsBase: base, stale },
  report: state.partial?.layers ? { ...report, layers: steady(state.partial.layers, report.layers) } : report,
  hand: handOf(state, report),
});

/** Layers of which some may have been known before: where the values are the same, that very one, so that its row is not drawn again. */
const steady = (before: readonly PartialLayer[], now: Report['layers']): Report['layers'] =>
  now.map((layer, i) => (isEqual(before[i], layer) ? (before[i] as typeof layer) : layer));

/** The next report in the place of the one in view. @param came of its maps, beside those that are the same in both */
const replaced = (
  state: PanelState,
  message: Extract<ToPanel, { type: 'report' }>,
  came: Maps,
): PanelState => {
  const same = state.report ? unchangedMaps(state.report, message.report, state.maps) : [];
  const shown = showing(state, message, new Map([...same, ...came]));
  return state.report && sameSteps(state.report, message.report)
    ? { ...shown, stepsBase: state.stepsBase }
    : shown;
};

/** Whether both were made of the same pixels by the same steps, so that the pictures of these are the same. */
const sameSteps = (one: Report, other: Report): boolean =>
  isEqual([one.input, one.detection, one.preprocess], [other.input, other.detection, other.preprocess]);

/** A picture of an earlier report is gone with its folder: those of the report in view take their places. */
export const withOwnPictures = (state: PanelState): PanelState => ({ ...state, stepsBase: state.base });

/** Whether a report shows the same layers of the same picture as the one in view, whose maps are drawn. */
const replaces = ({ report, maps }: PanelState, next: Report): boolean =>
  report !== null && maps.size > 0 && report.input.path === next.input.path;

/**
 * A run begins (it has no progress yet) or goes on. A report in view stays until the new one replaces it; half a report of a
 * run that has ended does not.
 */
function loading(state: PanelState, image: string, progress: Progress | null): PanelState {
  const now = { image, progress, running: true, failure: null, empty: null, unreadable: null };
  if (image !== state.image) return { ...firstState, ...now };
  const { hand } = state;
  const begins = progress === null || !state.running;
  if (!begins) return { ...state, ...now };
  if (!state.report) return { ...firstState, ...now, hand };
  return { ...state, ...now, next: null, partial: null, run: null, coming: null };
}

/** Whether what is in view is of the run that goes on, and not of an earlier one. */
const showsRun = ({ running, report, partial }: PanelState): boolean =>
  running && report === null && partial !== null;

/** Later parts over earlier ones; layers row by row, so that rows of which nothing is new stay the same. */
function joined(before: PartialReport | null, now: PartialReport): PartialReport {
  const layers =
    before?.layers && now.layers ? mergedRows(before.layers, now.layers) : (now.layers ?? before?.layers);
  return { ...before, ...now, ...(layers ? { layers } : {}) };
}

function mergedRows(before: readonly PartialLayer[], now: readonly PartialLayer[]): readonly PartialLayer[] {
  const fresh = new Map(now.map((layer) => [layer.name, layer]));
  return before.map((layer) => fresh.get(layer.name) ?? layer);
}

export const withDetails = (state: PanelState, layer: string, details: Details): PanelState => ({
  ...state,
  details: new Map(state.details).set(layer, details),
});

export const withChannels = (
  state: PanelState,
  layer: string,
  change: (known: Channels) => Channels,
): PanelState => ({
  ...state,
  channels: new Map(state.channels).set(layer, change(state.channels.get(layer) ?? noChannels)),
});

export const withStep = (state: PanelState, step: number, drawn: StepDrawn): PanelState => ({
  ...state,
  steps: new Map(state.steps).set(step, drawn),
});

/** Before the first results: every part is still to come. */
const nothingYet: PartialReport = {};

/** What there is to show, whole or in part; null where there is neither a report nor a run. */
export const shownReport = (state: PanelState): PartialReport | null =>
  state.report ?? state.partial ?? (state.running ? nothingYet : null);

/** By which the raw maps of what is shown are requested; null where there are none yet. */
export const mapsFolder = ({ report, folder, partial, run }: PanelState): string | null =>
  report ? folder : partial?.mapsFile === undefined ? null : run;
