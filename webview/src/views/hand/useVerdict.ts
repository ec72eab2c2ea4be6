/** Asks for the verdict of what is drawn, soon after each change, and says which answer belongs to it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Failure } from '../../../../protocol/failure';
import type { HandEdit } from '../../../../protocol/panel';
import type { QuickVerdict } from '../../../../protocol/requests';
import { usePanel } from '../../context';
import { isSame } from '../../state/hand';

/** Milliseconds between two questions while a stroke is painted; the editor passes over those that are late. */
const PAUSE = 40;

export interface Asked {
  readonly verdict: QuickVerdict | null;
  readonly failure: Failure | null;
  readonly waiting: boolean;
}

/** @param edit what is drawn @param known what the report in view is of, which need not be asked; null where there is none */
export function useVerdict(edit: HandEdit, known: HandEdit | null, enabled: boolean): Asked {
  const { state, send } = usePanel();
  const [asked, setAsked] = useState<{ readonly number: number; readonly edit: HandEdit } | null>(null);
  const count = useRef(0);
  const timer = useRef<number | null>(null);
  const latest = useRef(edit);
  latest.current = edit;
  const key = JSON.stringify(edit);
  const needless = isSame(edit, known);
  useEffect(() => {
    if (!enabled || needless || timer.current !== null) return;
    timer.current = window.setTimeout(() => {
      timer.current = null;
      count.current += 1;
      setAsked({ number: count.current, edit: latest.current });
      send({ type: 'verdict', asked: count.current, edit: latest.current });
    }, PAUSE);
  }, [key, needless, enabled, send]);
  useEffect(
    () => () => {
      if (timer.current !== null) window.clearTimeout(timer.current);
    },
    [],
  );
  if (needless) return { verdict: null, failure: null, waiting: false };
  const { verdict, failure } = state.hand;
  const number = asked !== null && isSame(asked.edit, edit) ? asked.number : null;
  const failed = failure !== null && (number === null || failure.asked === number);
  const waiting = enabled && number !== null && verdict?.asked !== number && failure?.asked !== number;
  return {
    verdict: failed ? null : (verdict?.value ?? null),
    failure: failed ? failure.value : null,
    waiting: waiting || (enabled && number === null),
  };
}
