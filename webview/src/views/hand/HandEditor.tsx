/** The input, edited by hand: another face, a box, strokes; the verdict follows at once, and the whole report on request. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { BoxReport, Report } from '../../../../protocol/report';
import type { QuickVerdict } from '../../../../protocol/requests';
import { pictureAddress, usePanel } from '../../context';
import {
  beginHand,
  cleared,
  drawn,
  editIn,
  editedReport,
  editOf,
  isSame,
  redone,
  strokesText,
  undone,
  type Drawing,
  type Hand,
} from '../../state/hand';
import { Button } from '../../toolkit';
import { ProgressRing } from '../ProgressRing';
import { t } from '../../l10n';
import { Change } from './Change';
import { Stage } from './Stage';
import { firstBrush, type Brush, type Tool } from './tool';
import { Tools } from './Tools';
import { useBase, type Base } from './useBase';
import { useVerdict } from './useVerdict';

/** What is drawn, and what came of it. */
function useHand(base: Base | null) {
  const { state } = usePanel();
  const { hand: came, running, image } = state;
  const report = editedReport(state);
  const [hand, setHand] = useState<Hand>(() => beginHand(report?.options));
  const [draft, setDraft] = useState<Partial<Drawing> | null>(null);
  const [keeps, setKeeps] = useState(true);
  useFresh(report, image, setHand);
  const faces = report === null ? [] : came.faces;
  const held = faces[0]?.box ?? null;
  const shown: Drawing = { ...hand.now, ...draft };
  const edit = editOf(shown, keeps ? held : null);
  const known = report && editIn(report.options);
  const asked = useVerdict(edit, known, !running && base !== null && (report !== null || edit.box !== null));
  return {
    ...{ hand, setHand, draft, setDraft, keeps, setKeeps, faces, held, shown, edit, known, asked },
    /** Without what is under way. */
    made: editOf(hand.now, keeps ? held : null),
  };
}

export function HandEditor() {
  const { state, send } = usePanel();
  const { hand: came, image } = state;
  const report = editedReport(state);
  const without = report === null;
  useEffect(() => {
    if (without && came.picture === null) send({ type: 'filePicture' });
  }, [without, image, send]);
  const address = report && pictureAddress(state, report.input.pictures.original);
  const base = useBase(address, came.picture);
  const drawing = useHand(base);
  const frame = useRef<HTMLElement>(null);
  useFocus(frame, base !== null);
  if (base === null) return <Waiting failed={came.pictureFailure?.message ?? null} />;
  const onKeyDown = (event: KeyboardEvent) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || (key !== 'z' && key !== 'y')) return;
    event.preventDefault();
    event.stopPropagation();
    drawing.setHand(key === 'y' || event.shiftKey ? redone : undone);
  };
  return (
    <section ref={frame} class="hand" aria-labelledby="hand-title" onKeyDown={onKeyDown}>
      <Head drawing={drawing} />
      <Body drawing={drawing} base={base} />
    </section>
  );
}

interface PartProps {
  readonly drawing: ReturnType<typeof useHand>;
}

function Head({ drawing: { made, known } }: PartProps) {
  const { state, send, choose } = usePanel();
  const { running } = state;
  const report = editedReport(state);
  const nothing = isSame(made, known) || (report === null && made.box === null);
  return (
    <div class="hand-head">
      <h2 id="hand-title">{t('Edit the input')}</h2>
      <span class="spacer" />
      <Button
        appearance="primary"
        disabled={running || nothing}
        onClick={() => send({ type: 'edit', edit: made })}
      >
        {t('Analyze')}
      </Button>
      <Button onClick={() => choose({ editing: false })}>{t('Close')}</Button>
    </div>
  );
}

function Body({ drawing, base }: PartProps & { readonly base: Base }) {
  const { state, send } = usePanel();
  const { failure } = state;
  const report = editedReport(state);
  const { hand, setHand, draft, keeps, faces, held, edit, asked } = drawing;
  const [tool, setTool] = useState<Tool | null>(null);
  const [ownBrush, setBrush] = useState<Partial<Brush>>({});
  const { size } = base;
  const brush = { ...firstBrush(size), ...ownBrush };
  const chosen = tool ?? (report === null ? 'box' : faces.length > 1 ? 'face' : 'color');
  const { box, strokes } = hand.now;
  return (
    <>
      <Tools
        {...{ tool: chosen, brush, size }}
        hasFaces={faces.length > 0}
        keepsBox={held !== null && box === null ? keeps : null}
        can={{
          ...{ undo: hand.past.length > 0, redo: hand.future.length > 0 },
          ...{ clear: box !== null || strokes.length > 0, copy: strokes.length > 0 },
        }}
        onTool={setTool}
        onBrush={(change) => setBrush((before) => ({ ...before, ...change }))}
        onKeepBox={drawing.setKeeps}
        onUndo={() => setHand(undone)}
        onRedo={() => setHand(redone)}
        onClear={() => setHand(cleared)}
        onCopy={() => send({ type: 'copy', text: strokesText(strokes) })}
      />
      <div class="hand-body">
        <Stage
          {...{ base, tool: chosen, brush, draft }}
          drawing={hand.now}
          faces={faces}
          looked={lookedAt(report, asked.verdict, edit.box, draft !== null)}
          // Of what stands there: a note of another length would move the picture under the pointer that draws.
          note={noteOf(report === null, failure?.code === 'no-face', hand.now, held !== null && keeps)}
          onDraft={drawing.setDraft}
          onDrawn={(change) => setHand((before) => drawn(before, change))}
        />
        <Side drawing={drawing} />
      </div>
    </>
  );
}

function Side({ drawing: { edit, known, asked } }: PartProps) {
  const { state } = usePanel();
  const { hand: came } = state;
  const report = editedReport(state);
  const unchanged = isSame(edit, known) ? (report?.classifier ?? null) : null;
  return (
    <div class="hand-side">
      <Change
        before={beforeOf(report, came.plain)}
        now={asked.verdict?.classifier ?? unchanged}
        verdict={asked.verdict}
        waiting={asked.waiting}
      />
      {asked.failure && (
        <p class="hand-failure" role="alert">
          {asked.failure.message}
        </p>
      )}
    </div>
  );
}

/** The button that opened the editor is gone, and so is the editor once it is closed: neither takes the focus with it. */
function useFocus(frame: RefObject<HTMLElement | null>, shown: boolean): void {
  useLayoutEffect(() => {
    const element = frame.current;
    if (!shown || element === null) return undefined;
    if (document.activeElement === document.body)
      element.querySelector<HTMLElement>('.hand-stage')?.focus({ preventScroll: true });
    return () => {
      if (element.contains(document.activeElement))
        document.querySelector<HTMLElement>('.preparation-strip')?.focus({ preventScroll: true });
    };
  }, [frame, shown]);
}

/** Where nothing was drawn since, what a report that comes was made from is what stands there. */
function useFresh(
  report: Report | null,
  image: string | null,
  setHand: (change: (hand: Hand) => Hand) => void,
): void {
  useEffect(() => {
    setHand((hand) => (hand.past.length === 0 ? beginHand(report?.options) : hand));
  }, [report, setHand]);
  useEffect(() => {
    setHand(() => beginHand(report?.options));
  }, [image, setHand]);
}

function beforeOf(report: Report | null, plain: Report | null) {
  if (plain !== null && plain.model.sha256 === report?.model.sha256)
    return { classifier: plain.classifier, title: t('File') };
  return report && { classifier: report.classifier, title: t('Report') };
}

/** By the verdict that came last, else by the report; while a box is drawn neither is up to date. */
function lookedAt(
  report: Report | null,
  verdict: QuickVerdict | null,
  box: BoxReport | null,
  drawing: boolean,
) {
  if (verdict !== null && !(drawing && box !== null))
    return { box: verdict.faces[0]?.box ?? null, crop: verdict.crop };
  const detection = report?.detection;
  return detection && !drawing ? { box: detection.faces[0]?.box ?? null, crop: detection.crop.box } : null;
}

function noteOf(without: boolean, noFace: boolean, { box, strokes }: Drawing, held: boolean): string {
  if (without && box === null)
    return noFace
      ? t('No face was found. Draw a box around one: drag over the picture.')
      : t('Draw a box: drag over the picture.');
  if (strokes.length > 0 && box === null && held)
    return t(
      'The dashed line is what the network sees. The box of the face is kept, so that the verdict moves for the pixels alone.',
    );
  return t('The dashed line is what the network sees.');
}

function Waiting({ failed }: { readonly failed: string | null }) {
  return (
    <section class="hand" aria-label={t('Edit the input')} aria-busy={failed === null}>
      {failed === null ? (
        <p class="waiting" role="status">
          <ProgressRing /> {t('Reading the picture')}
        </p>
      ) : (
        <p role="alert">{failed}</p>
      )}
    </section>
  );
}
