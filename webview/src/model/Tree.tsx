/** Modules and weights as a tree that the arrow keys walk; of any number of rows only those in view are on the page. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ModelRow, WeightRow } from '../../../protocol/model-structure';
import { Bins } from './Bins';
import { number, shapeText, short, whole } from './numbers';
import { firstOpen, hasParts, shortName, visibleRows } from './state';
import { t } from '../l10n';

interface Props {
  readonly rows: readonly ModelRow[];
  readonly weights: ReadonlyMap<string, WeightRow>;
  readonly select: (row: ModelRow) => void;
}

/** Pixels of a row, as in the style sheet. */
const HEIGHT = 24;
/** Rows on the page above and below those in view. */
const MARGIN = 12;

export function Tree({ rows, weights, select }: Props) {
  const { open, isOpen, toggle, expand, collapse } = useOpen(rows);
  const [search, setSearch] = useState('');
  const [at, setAt] = useState(0);
  const shown = useMemo(() => visibleRows(rows, open, search), [rows, open, search]);
  const body = useRef<HTMLDivElement>(null);
  const [first, last] = useWindow(body, shown.length);
  const current = Math.min(at, shown.length - 1);
  const go = (index: number): void => {
    const next = Math.max(0, Math.min(shown.length - 1, index));
    setAt(next);
    const row = shown[next];
    if (row !== undefined) select(row);
    scrollTo(body.current, next);
  };
  const onKeyDown = keys({ shown, current, open, go, toggle, select });

  const rowAt = (row: ModelRow, index: number) => (
    <Row
      key={`${row.kind} ${row.path}`}
      {...{ row, index, selected: index === current, open: isOpen(row), whole: search.trim() !== '' }}
      weights={weights.get(row.path)}
      click={() => {
        setAt(index);
        select(row);
        if (row.kind === 'module') toggle(row);
      }}
    />
  );

  return (
    <section aria-labelledby="modules">
      <Bar
        filter={search}
        onFilter={(text) => {
          setSearch(text);
          setAt(0);
        }}
        {...{ expand, collapse }}
      />
      <div class="wide">
        <div
          class="tree"
          role="treegrid"
          aria-label={t('Modules and weights')}
          aria-rowcount={shown.length + 1}
          aria-activedescendant={shown.length > 0 ? `row-${current}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <Head />
          <div ref={body} class="body" role="rowgroup" style={{ height: `${shown.length * HEIGHT}px` }}>
            {shown.slice(first, last).map((row, i) => rowAt(row, first + i))}
          </div>
        </div>
      </div>
      {shown.length === 0 && <p class="muted">{t('No name contains “{0}”.', search)}</p>}
    </section>
  );
}

/** The paths of the modules whose parts are shown. */
function useOpen(rows: readonly ModelRow[]) {
  const [open, setOpen] = useState(() => firstOpen(rows));
  const indices = useMemo(() => new Map(rows.map((row, index) => [row, index])), [rows]);
  /** Null of what holds nothing. */
  const isOpen = (row: ModelRow): boolean | null =>
    row.kind === 'module' && hasParts(rows, indices.get(row) ?? 0) ? open.has(row.path) : null;
  const toggle = (row: ModelRow, wanted = !open.has(row.path)): void => {
    const next = new Set(open);
    if (wanted) next.add(row.path);
    else next.delete(row.path);
    setOpen(next);
  };
  const expand = (): void => setOpen(new Set(rows.map(({ path }) => path)));
  const collapse = (): void => setOpen(new Set(['']));
  return { open, isOpen, toggle, expand, collapse };
}

interface Walk {
  readonly shown: readonly ModelRow[];
  /** Index of the selected row. */
  readonly current: number;
  readonly open: ReadonlySet<string>;
  readonly go: (index: number) => void;
  readonly toggle: (row: ModelRow, wanted?: boolean) => void;
  readonly select: (row: ModelRow) => void;
}

/** The keys of a tree grid, as the ARIA practices have them. */
const keys =
  ({ shown, current, open, go, toggle, select }: Walk) =>
  (event: KeyboardEvent): void => {
    const row = shown[current];
    if (row === undefined) return;
    const isOpen = open.has(row.path);
    const parent = shown.findLastIndex((other, i) => i < current && other.depth < row.depth);
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(current + 1),
      ArrowUp: () => go(current - 1),
      PageDown: () => go(current + 20),
      PageUp: () => go(current - 20),
      Home: () => go(0),
      End: () => go(shown.length - 1),
      ArrowRight: () => (row.kind === 'module' && !isOpen ? toggle(row, true) : go(current + 1)),
      ArrowLeft: () => (row.kind === 'module' && isOpen ? toggle(row, false) : parent >= 0 && go(parent)),
      Enter: () => (row.kind === 'module' ? toggle(row) : select(row)),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

interface BarProps {
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  readonly expand: () => void;
  readonly collapse: () => void;
}

function Bar({ filter, onFilter, expand, collapse }: BarProps) {
  return (
    <div class="bar">
      <h2 id="modules">{t('Modules and weights')}</h2>
      <input
        type="search"
        placeholder={t('Filter by name')}
        aria-label={t('Filter by name')}
        value={filter}
        onInput={(event) => onFilter(event.currentTarget.value)}
      />
      <button onClick={expand}>{t('Expand all')}</button>
      <button onClick={collapse}>{t('Collapse all')}</button>
    </div>
  );
}

function Head() {
  return (
    <div class="row head" role="row" aria-rowindex={1}>
      {[
        t('Name'),
        t('Operators or type'),
        t('Shape'),
        t('Parameters'),
        'FLOPs',
        t('Mean ± std'),
        t('Histogram'),
      ].map((name) => (
        <span key={name} role="columnheader">
          {name}
        </span>
      ))}
    </div>
  );
}

interface RowProps {
  readonly row: ModelRow;
  readonly index: number;
  readonly selected: boolean;
  /** Null of what holds nothing. */
  readonly open: boolean | null;
  /** Shows the whole path. */
  readonly whole: boolean;
  readonly weights: WeightRow | undefined;
  readonly click: () => void;
}

function Row({ row, index, selected, open, whole: wholeName, weights, click }: RowProps) {
  const { path, depth, kind, type, shape, parameters, flops } = row;
  return (
    <div
      id={`row-${index}`}
      class={`row ${kind}${selected ? ' selected' : ''}`}
      role="row"
      aria-level={depth + 1}
      aria-rowindex={index + 2}
      aria-selected={selected}
      {...(open === null ? {} : { 'aria-expanded': open })}
      style={{ top: `${index * HEIGHT}px` }}
      onClick={click}
    >
      <span
        role="gridcell"
        class="name"
        title={path}
        style={{ paddingLeft: `${8 + Math.min(depth, 12) * 14}px` }}
      >
        <span class="twist" aria-hidden="true">
          {open === null ? '' : open ? '▾' : '▸'}
        </span>
        {wholeName && path !== '' ? path : shortName(row)}
      </span>
      <span role="gridcell" title={type}>
        {type}
      </span>
      <span role="gridcell">{shapeText(shape)}</span>
      <span role="gridcell" class="number" title={whole(parameters)}>
        {parameters === 0 ? '' : short(parameters)}
      </span>
      <span
        role="gridcell"
        class="number"
        title={flops === null ? '' : t('{0}, two per multiply-add', whole(flops))}
      >
        {flops === null || flops === 0 ? '' : short(flops)}
      </span>
      <span role="gridcell" class="number">
        {weights === undefined
          ? ''
          : weights.skipped !== undefined
            ? t('not read')
            : `${number(weights.mean)} ± ${number(weights.std)}`}
        {weights !== undefined && weights.nan + weights.inf > 0 && (
          <strong class="bad"> {t('NaN or infinite')}</strong>
        )}
      </span>
      <span role="gridcell">
        {weights !== undefined && weights.histogram.length > 0 && (
          <Bins counts={weights.histogram} width={96} height={18} />
        )}
      </span>
    </div>
  );
}

/** Which rows are in view: all is one scroll, that of the page. */
function useWindow(
  body: { readonly current: HTMLDivElement | null },
  count: number,
): readonly [number, number] {
  const [range, setRange] = useState<readonly [number, number]>([0, 60]);
  const look = (): void => {
    const top = -(body.current?.getBoundingClientRect().top ?? 0);
    const first = Math.max(0, Math.floor(top / HEIGHT) - MARGIN);
    const last = Math.max(first, Math.ceil((top + window.innerHeight) / HEIGHT) + MARGIN);
    setRange((before) => (before[0] === first && before[1] === last ? before : [first, last]));
  };
  useLayoutEffect(look, [count]);
  useEffect(() => {
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, []);
  return range;
}

/** Brings a row into view, below the page's head. */
function scrollTo(body: HTMLDivElement | null, index: number): void {
  if (body === null) return;
  const top = body.getBoundingClientRect().top + index * HEIGHT;
  const [above, below] = [HEIGHT * 2, window.innerHeight - HEIGHT * 5];
  if (top < above) window.scrollBy(0, top - above);
  else if (top > below) window.scrollBy(0, top - below);
}
