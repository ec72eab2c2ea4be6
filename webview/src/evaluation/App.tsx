/** The evaluation view: its progress while it is made, then summary, charts and gallery. */
import { useCallback, useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { ToEvaluationPage } from '../../../protocol/evaluation-panel';
import { Charts } from './Charts';
import { hasWholeMatrix } from './Matrix';
import { Gallery } from './Gallery';
import { EVERYTHING, lookupOf, WORST, type Query } from './rows';
import { Running, Stopped } from './Running';
import { nothing, reduce, type Opened, type PageState, type Send } from './state';
import { Summary } from './Summary';
import { Threshold } from './Threshold';
import { t } from '../l10n';

export function App({ send }: { readonly send: Send }) {
  const [state, dispatch] = useReducer(reduce, nothing);
  useEffect(() => {
    const hear = ({ data }: MessageEvent<ToEvaluationPage>): void => {
      dispatch(data);
    };
    window.addEventListener('message', hear);
    send({ type: 'ready' });
    return () => {
      window.removeEventListener('message', hear);
    };
  }, []);
  const { now } = state;
  if (now === null)
    return (
      <main>
        <p role="status">{t('Opening…')}</p>
      </main>
    );
  if (now.type === 'running') return <Running now={now} send={send} />;
  if (now.type === 'stopped') return <Stopped now={now} send={send} />;
  return (
    <Evaluation
      opened={now}
      state={state}
      send={send}
      setLayer={(layer) => {
        dispatch({ type: 'layer', layer });
      }}
    />
  );
}

interface EvaluationProps {
  readonly opened: Opened;
  readonly state: PageState;
  readonly send: Send;
  readonly setLayer: (layer: number | null) => void;
}

function Evaluation({ opened, state, send, setLayer }: EvaluationProps) {
  const { evaluation } = opened;
  const lookup = useMemo(() => lookupOf(evaluation), [evaluation]);
  const [query, setQuery] = useState<Query>(evaluation.summary.worst.length > 0 ? WORST : EVERYTHING);
  /** From a cell or a link of the summary: the gallery shows what it counts. */
  const look = useCallback((change: Partial<Query>): void => {
    setQuery({ ...EVERYTHING, ...change });
    document.getElementById('gallery')?.scrollIntoView();
  }, []);
  // Neither changes with the pictures of the gallery, each of which renders the page again.
  const summary = useMemo(() => <Summary opened={opened} look={look} send={send} />, [opened, look, send]);
  const charts = useMemo(
    () => <Charts charts={opened.charts} isMatrixShown={hasWholeMatrix(evaluation.summary.metrics)} />,
    [opened],
  );
  return (
    <main>
      {summary}
      {state.problem !== null && (
        <div role="alert" class="problem">
          <p>{state.problem.message}</p>
          {state.problem.fix !== null && <p>{state.problem.fix}</p>}
        </div>
      )}
      {state.notice !== null && <p role="status">{state.notice}</p>}
      {charts}
      <Threshold evaluation={evaluation} scores={state.scores} send={send} />
      <Gallery {...{ evaluation, lookup, query, setQuery, state, send, setLayer }} />
    </main>
  );
}
