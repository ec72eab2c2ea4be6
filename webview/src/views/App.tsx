/** The whole panel: messages in, choices kept, and the view for the state it is in. */
import {
  useCallback,
  useEffect,
  useErrorBoundary,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'preact/hooks';
import { reportProblem, type Host } from '../host';
import { PaintingContext, PanelContext, cropSize, stepAddress, type Painting, type Panel } from '../context';
import { Painter } from '../picture/painter';
import { PaintQueue } from '../picture/paintQueue';
import { Stage } from '../picture/stage';
import {
  firstState,
  receive,
  shownReport,
  withChannels,
  withDetails,
  withOwnPictures,
  withStep,
  type PanelState,
} from '../state/panel';
import { editIn, isSame } from '../state/hand';
import { reviveView, type View } from '../state/view';
import { announcement } from '../text/announcement';
import { summary } from '../text/summary';
import type { Failure } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { PartialReport } from '../../../protocol/requests';
import { Empty } from './Empty';
import { Failed } from './Failed';
import { Header } from './Header';
import { useCropPicture } from './hooks/crop';
import { useMapRequests } from './hooks/maps';
import { useMissingPictures } from './hooks/missing';
import { Message } from './Message';
import { Notices } from './Notices';
import { Report } from './Report';
import { Unreadable } from './Unreadable';
import { t } from '../l10n';

type Event =
  | ToPanel
  | { readonly type: 'askedDetails'; readonly layer: string }
  | { readonly type: 'askedChannels'; readonly layer: string }
  | { readonly type: 'askedStep'; readonly step: number }
  | { readonly type: 'lostPictures' }
  | { readonly type: 'dismissed' };

function reduce(state: PanelState, event: Event): PanelState {
  switch (event.type) {
    case 'askedDetails':
      return withDetails(state, event.layer, { state: 'asked' });
    case 'askedChannels':
      return withChannels(state, event.layer, (known) => ({ ...known, asked: true, failure: null }));
    case 'askedStep':
      return withStep(state, event.step, { state: 'asked' });
    case 'lostPictures':
      return withOwnPictures(state);
    case 'dismissed':
      return { ...state, failure: null };
    default:
      return receive(state, event);
  }
}

/** What layers are painted with. */
function usePainters(
  host: Host,
  state: PanelState,
  isReplaced: (address: string) => boolean,
): Pick<Panel, 'painter' | 'queue' | 'stage' | 'requests' | 'crop'> {
  const painter = useMemo(() => new Painter(), []);
  const queue = useMemo(
    () =>
      new PaintQueue(
        (run) => requestAnimationFrame(run),
        () => performance.now(),
      ),
    [],
  );
  const stage = useMemo(() => new Stage(), []);
  const requests = useMapRequests(host, state);
  const file = shownReport(state)?.detection?.pictures.crop;
  const crop = useCropPicture(file === undefined ? null : stepAddress(state, file), isReplaced);
  return useMemo(() => ({ painter, queue, stage, requests, crop }), [painter, queue, stage, requests, crop]);
}

/** Stays the same while nothing of it changes: thumbnails depend on nothing else. */
function usePainting(
  painters: ReturnType<typeof usePainters>,
  state: PanelState,
  { display, palette }: View,
): Painting {
  const { maps, mapsFailure, base } = state;
  const { width, height } = cropSize(state);
  return useMemo(
    () => ({ ...painters, maps, mapsFailure, base, display, palette, width, height }),
    [painters, maps, mapsFailure, base, display, palette, width, height],
  );
}

/** Asks the editor, and keeps that it was asked. */
function useAsking(
  host: Host,
  dispatch: (event: Event) => void,
): Pick<Panel, 'askDetails' | 'askChannels' | 'askStep'> {
  const askDetails = useCallback(
    (layer: string, channels: number) => {
      dispatch({ type: 'askedDetails', layer });
      host.send({ type: 'layerDetails', layer, channels });
    },
    [host],
  );
  const askChannels = useCallback(
    (layer: string, from: number) => {
      dispatch({ type: 'askedChannels', layer });
      host.send({ type: 'layerChannels', layer, from });
    },
    [host],
  );
  const askStep = useCallback(
    (step: number) => {
      dispatch({ type: 'askedStep', step });
      host.send({ type: 'stepPictures', step });
    },
    [host],
  );
  return useMemo(() => ({ askDetails, askChannels, askStep }), [askDetails, askChannels, askStep]);
}

/**
 * No face is not a dead end: the picture opens, to be drawn on, and stays open for this image alone, until there is a report that took
 * no drawing.
 */
function useOpenedEditor(
  { image, failure, report }: Pick<PanelState, 'image' | 'failure' | 'report'>,
  setView: (change: (old: View) => View) => void,
): void {
  const opened = useRef<string | null>(null);
  const noFace = failure?.code === 'no-face';
  useEffect(() => {
    const other = opened.current !== image;
    if (!other || (!noFace && opened.current === null)) return;
    opened.current = noFace ? image : null;
    setView((old) => ({ ...old, editing: noFace }));
  }, [noFace, image, setView]);
  const plain = report !== null && isSame(editIn(report.options), editIn(undefined));
  useEffect(() => {
    if (noFace || !plain || opened.current === null) return;
    opened.current = null;
    setView((old) => ({ ...old, editing: false }));
  }, [noFace, plain, report, setView]);
}

/** Called with the address of a picture that cannot be loaded: one of an earlier report is, from now on, the same one of the report in view. */
function usePictureLost(state: PanelState, dispatch: (event: Event) => void): (address: string) => boolean {
  const latest = useRef(state);
  latest.current = state;
  return useCallback((address) => {
    const { base, stepsBase } = latest.current;
    const earlier = stepsBase !== base && address.startsWith(`${stepsBase}/`);
    if (earlier) dispatch({ type: 'lostPictures' });
    return earlier;
  }, []);
}

export function App({ host }: { readonly host: Host }) {
  const [state, dispatch] = useReducer(reduce, firstState);
  const [view, setView] = useState<View>(() => reviveView(host.memory?.view));

  const latest = useRef(state.report);
  latest.current = state.report;
  useEffect(() => {
    const stop = host.listen((message) => {
      dispatch(message);
      if (message.type === 'copySummary' && latest.current)
        host.send({ type: 'copy', text: summary(latest.current) });
    });
    host.send({ type: 'ready' });
    return stop;
  }, [host]);

  const { image, folder, failure } = state;
  useEffect(() => {
    // Nothing to keep before the first message; an empty panel keeps what it had, so that it can be found again.
    if (image !== null) host.remember({ version: 1, image, folder, failure, view });
  }, [host, image, folder, failure, view]);

  useOpenedEditor(state, setView);

  const isReplaced = usePictureLost(state, dispatch);
  const painters = usePainters(host, state, isReplaced);
  useMissingPictures(isReplaced);

  const choose = useCallback((change: Partial<View>) => {
    setView((old) => ({ ...old, ...change }));
  }, []);
  const asking = useAsking(host, dispatch);
  const dismiss = useCallback(() => {
    dispatch({ type: 'dismissed' });
    host.send({ type: 'dismiss' });
  }, [host]);
  const panel = useMemo<Panel>(
    () => ({
      ...{ state, view, choose, send: host.send, dismiss },
      ...painters,
      ...asking,
    }),
    [state, view, choose, host, painters, dismiss, asking],
  );
  const painting = usePainting(painters, state, view);
  return (
    <PanelContext.Provider value={panel}>
      <PaintingContext.Provider value={painting}>
        <Guarded state={state} send={host.send} />
      </PaintingContext.Provider>
    </PanelContext.Provider>
  );
}

const brokenView = (thrown: unknown): Failure => ({
  kind: 'internal',
  code: 'internal',
  message: t(
    'The panel failed while it drew this report: {0}',
    thrown instanceof Error ? thrown.message : String(thrown),
  ),
  fix: t('Look at the log, and please report what it says.'),
});

/**
 * Reports are checked before they come here; whatever throws all the same is shown, since a page that throws is a blank one. The next
 * report, or run, gets its chance.
 */
function Guarded({ state, send }: { readonly state: PanelState; readonly send: Host['send'] }) {
  const { report, running } = state;
  const drawn = useRef({ report, running });
  drawn.current = { report, running };
  /** What could not be drawn. */
  const failed = useRef(drawn.current);
  const [broken, reset] = useErrorBoundary((error: unknown) => {
    reportProblem(send, error);
    failed.current = drawn.current;
  }) as readonly [unknown, () => void];
  const latest = useRef(reset);
  latest.current = reset;
  useEffect(() => {
    const { report: one, running: ran } = failed.current;
    if (one !== report || ran !== running) latest.current();
  }, [report, running]);
  if (broken !== undefined) return <Unreadable failure={brokenView(broken)} />;
  return (
    <>
      <Content state={state} />
      <Announcement state={state} />
    </>
  );
}

function Announcement({ state }: { readonly state: PanelState }) {
  return (
    <p class="unseen" role="status">
      {announcement(state)}
    </p>
  );
}

function Content({ state }: { readonly state: PanelState }) {
  if (state.unreadable !== null) return <Unreadable failure={state.unreadable} />;
  if (state.empty !== null) return <Empty reason={state.empty} />;
  const report = shownReport(state);
  if (report) {
    return (
      <main class="panel">
        <SkipLink report={report} />
        <Header report={report} />
        <Notices report={report} />
        <Report report={report} />
        <Message />
      </main>
    );
  }
  if (state.failure) return <Failed failure={state.failure} />;
  return <main class="panel page" aria-busy="true" />;
}

/** For the keyboard: past the head, its switches and the warnings, once there are layers. */
function SkipLink({ report }: { readonly report: PartialReport }) {
  if (!report.layers) return null;
  const skip = (event: { preventDefault(): void }) => {
    event.preventDefault(); // the editor would take the address for one of its own
    document.getElementById('journey')?.focus();
  };
  return (
    <a class="skip-link" href="#journey" onClick={skip}>
      {t('Skip to the layers')}
    </a>
  );
}
