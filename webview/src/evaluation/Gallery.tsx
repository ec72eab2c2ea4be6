/** Pictures of the set as tiles: filtered, sorted, and of any number only those in view on the page. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { OpenedEvaluation } from '../../../protocol/evaluation';
import { useRowWindow } from '../views/hooks/rowWindow';
import { Filters } from './Filters';
import type { Lookup, Query } from './rows';
import { rowsFor } from './rows';
import { whole } from './numbers';
import type { PageState, Send } from './state';
import { Tile } from './Tile';
import { t } from '../l10n';

/** CSS pixels of a tile with its gap: two of the least width stand side by side in a window of 320; the height also in the style sheet. */
const WIDTH = { least: 142, most: 156, gap: 4 };
const HEIGHT = 208;

interface Props {
  readonly evaluation: OpenedEvaluation;
  readonly lookup: Lookup;
  readonly query: Query;
  readonly setQuery: (query: Query) => void;
  readonly state: PageState;
  readonly send: Send;
  readonly setLayer: (layer: number | null) => void;
}

export function Gallery({ evaluation, lookup, query, setQuery, state, send, setLayer }: Props) {
  const { layer, pictures, read } = state;
  const [isHeatShown, showHeat] = useState(true);
  const rows = useMemo(() => rowsFor(evaluation, lookup, query, layer), [evaluation, lookup, query, layer]);
  const body = useRef<HTMLDivElement>(null);
  const { across, width } = useColumns(body);
  const lines = Math.ceil(rows.length / across);
  const { first, end } = useRowWindow(body, lines, HEIGHT);
  const inView = useMemo(() => rows.slice(first * across, end * across), [rows, first, end, across]);
  useEffect(() => {
    if (pictures.is !== 'shown') return undefined;
    // While the page scrolls fast, nothing is requested that is gone before it is there.
    const timer = setTimeout(() => {
      const missing = inView.filter((row) => !read.has(row) && !lookup.errors.has(row));
      send({ type: 'wantPictures', rows: missing, layer });
    }, SETTLED_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [inView, layer, pictures]);
  const open = useCallback(
    (row: number) => {
      send({ type: 'openReport', row });
    },
    [send],
  );
  return (
    <section id="gallery" aria-labelledby="pictures">
      <h2 id="pictures">{t('Pictures')}</h2>
      <Filters {...{ evaluation, lookup, query, setQuery, layer, setLayer, isHeatShown, showHeat }} />
      <Asking state={state} send={send} />
      <p role="status" class="muted">
        {t('{0} of {1} pictures', whole(rows.length), whole(evaluation.columns.path.length))}
      </p>
      <div ref={body} class="gallery" role="list" style={{ height: `${lines * HEIGHT}px` }}>
        {inView.map((row, at) => {
          const index = first * across + at;
          return (
            <Tile
              key={row}
              {...{ evaluation, lookup, row, layer }}
              left={(index % across) * width}
              width={width - WIDTH.gap}
              top={Math.floor(index / across) * HEIGHT}
              picture={read.get(row) ?? null}
              heat={isHeatShown}
              position={index + 1}
              count={rows.length}
              open={pictures.is === 'shown' ? open : null}
            />
          );
        })}
      </div>
    </section>
  );
}

/** Milliseconds without a scroll after which pictures are requested. */
const SETTLED_MS = 60;

/** How many tiles stand side by side, and the width of each with its gap. */
function useColumns(body: { readonly current: HTMLElement | null }) {
  const [room, setRoom] = useState(WIDTH.most);
  useEffect(() => {
    const element = body.current;
    if (element === null) return undefined;
    const measure = (): void => {
      setRoom(element.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  const across = Math.max(1, Math.floor(room / WIDTH.least));
  return { across, width: Math.min(WIDTH.most, Math.floor(room / across)) };
}

/** Pictures that a table from elsewhere names are read when the reader says so. */
function Asking({ state: { pictures }, send }: { readonly state: PageState; readonly send: Send }) {
  if (pictures.is === 'shown') return null;
  return (
    <div class="problem">
      <p>
        {pictures.is === 'asked' ? (
          <>
            {t('This evaluation was made elsewhere. It records that its pictures are here:')}{' '}
            <code>{pictures.root}</code> {t('Show them, and make reports with the weights that it names?')}
          </>
        ) : (
          t('This evaluation does not record where its pictures are.')
        )}
      </p>
      <div class="bar">
        {pictures.is === 'asked' && (
          <button
            class="primary"
            onClick={() => {
              send({ type: 'showPictures' });
            }}
          >
            {t('Show the pictures')}
          </button>
        )}
        <button
          onClick={() => {
            send({ type: 'chooseRoot' });
          }}
        >
          {t('Choose their folder…')}
        </button>
      </div>
    </div>
  );
}
