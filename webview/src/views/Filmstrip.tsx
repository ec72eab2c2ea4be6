/** Every layer as a small picture in the order of the forward pass: a row to walk along; only those near the view are in the page. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { kindOf } from '../../../protocol/layer-kind';
import type { Row } from '../state/rows';
import { memo } from './hooks/memo';
import { useWidth } from './hooks/width';
import { ONE_POSITION, Thumbnail } from './Thumbnail';
import { t } from '../l10n';

/** Of one picture with the space after it, in CSS pixels; the style sheet's `--frame`. */
const FRAME = 48;
const SPARE = 6;

export interface FilmstripProps {
  /** In the order of the forward pass. */
  readonly rows: readonly Row[];
  readonly selected: string | null;
  /** Whether the reader took it: what moves by itself is not followed. */
  readonly chosen: boolean;
  readonly onSelect: (layer: string) => void;
}

const frameId = (order: number): string => `layer-frame-${order}`;

const keySteps: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowLeft: -1,
  PageDown: 8,
  PageUp: -8,
  Home: -Infinity,
  End: Infinity,
};

function Frames({ rows, selected, chosen, onSelect }: FilmstripProps) {
  const strip = useRef<HTMLDivElement>(null);
  const { first, end } = useFrames(strip, rows.length);
  const room = useWidth(strip);
  const at = rows.findIndex(({ layer }) => layer.name === selected);
  const began = useRef(false);
  const before = useRef(room);
  useLayoutEffect(() => {
    const element = strip.current;
    // A strip that got narrower or wider shows the layer again, whoever took it.
    const resized = before.current !== room;
    before.current = room;
    if (!element || at < 0 || (began.current && !chosen && !resized)) return;
    began.current = true;
    const left = at * FRAME;
    const inView = left >= element.scrollLeft && left + FRAME <= element.scrollLeft + element.clientWidth;
    if (!inView) element.scrollLeft = left - (element.clientWidth - FRAME) / 2;
  }, [at, chosen, room]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = keySteps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) onSelect(next.layer.name);
  };
  return (
    <div
      ref={strip}
      id="journey"
      class="filmstrip"
      role="listbox"
      aria-label={t('Layers in the order of the forward pass')}
      aria-orientation="horizontal"
      aria-activedescendant={at >= first && at < end ? frameId(at) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div class="video" role="presentation" style={{ width: `${rows.length * FRAME}px` }}>
        {rows.slice(first, end).map((row, i) => (
          <div
            key={row.layer.name}
            id={frameId(first + i)}
            class="frame"
            role="option"
            aria-selected={row.layer.name === selected}
            aria-label={kindOf(row.layer) === 'pixel' ? `${row.layer.name}, ${ONE_POSITION}` : row.layer.name}
            aria-posinset={first + i + 1}
            aria-setsize={rows.length}
            title={row.layer.name}
            style={{ left: `${(first + i) * FRAME}px` }}
            onClick={() => onSelect(row.layer.name)}
          >
            <Thumbnail layer={row.layer} heatmap={row.heatmap} />
          </div>
        ))}
      </div>
    </div>
  );
}

export const Filmstrip = memo(Frames);

/** The frames that can be seen, and some more. */
function useFrames(strip: { readonly current: HTMLElement | null }, count: number) {
  const [range, setRange] = useState({ first: 0, end: 40 });
  useEffect(() => {
    const element = strip.current;
    if (!element) return undefined;
    const measure = () => {
      const first = Math.max(0, Math.floor(element.scrollLeft / FRAME) - SPARE);
      const end = Math.min(count, Math.ceil((element.scrollLeft + element.clientWidth) / FRAME) + SPARE);
      setRange((old) => (old.first === first && old.end === end ? old : { first, end }));
    };
    measure();
    element.addEventListener('scroll', measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', measure);
      observer.disconnect();
    };
  }, [strip, count]);
  return { first: Math.min(range.first, count), end: Math.min(range.end, count) };
}
