/** The layers as a table: sortable, one row selected, moved through with the keyboard; only rows near the view are in the page. */
import { useEffect, useRef } from 'preact/hooks';
import { usePanel } from '../context';
import { widthOf, type Column } from '../state/columns';
import type { Row } from '../state/rows';
import { layersTable } from '../text/tables';
import { WithMenu } from './ContextMenu';
import { tableItems } from './hooks/exports';
import { useLatest } from './hooks/latest';
import { useRowWindow } from './hooks/rowWindow';
import { LayerRow, rowId } from './LayerRow';
import { t } from '../l10n';

/** Of a row, in CSS pixels; the style sheet's `--row`. */
const ROW_HEIGHT = 50;

export interface LayerTableProps {
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  /** CSS pixels that there are for it; it takes more where its columns need more. */
  readonly room: number;
  /** Before filtering. */
  readonly total: number;
  /** Name of the layer that is shown. */
  readonly selected: string | null;
  readonly onStep: (by: number) => boolean;
  readonly onPlay: () => void;
  /** The reader wants to see a layer's picture. */
  readonly onLook: (layer: string) => void;
}

export function LayerTable({
  rows,
  columns,
  room,
  total,
  selected,
  onStep,
  onPlay,
  onLook,
}: LayerTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { first, end, reveal } = useRowWindow(body, rows.length, ROW_HEIGHT);
  const at = rows.findIndex(({ layer }) => layer.name === selected);
  const onKeyDown = useKeys({ at, selected, reveal, onStep, onPlay, onLook });
  const look = useLatest(onLook);
  const shown = rows.slice(first, end);
  const width = Math.max(room, widthOf(columns));
  const active = rows[at];
  const inPage = active !== undefined && at >= first && at < end;
  const items = tableItems(() => layersTable(rows), 'layers', usePanel().send);
  return (
    <WithMenu label={t('Layers in the table')} items={items} class="menu-of-table">
      <table
        id="layers"
        class="layers"
        role="grid"
        aria-label={t('Layers')}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={inPage ? rowId(active.order) : undefined}
        tabIndex={0}
        style={{ width: `${width}px` }}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Heading key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          <Gap rows={first} columns={columns.length} />
          {shown.map((row, i) => (
            <LayerRow
              key={row.layer.name}
              {...row}
              columns={columns}
              selected={row.layer.name === selected}
              place={first + i + 2}
              onSelect={look}
            />
          ))}
          <Gap rows={rows.length - end} columns={columns.length} />
        </tbody>
      </table>
      {rows.length === 0 && total > 0 && <p class="nothing">{t('No layer matches the filter.')}</p>}
    </WithMenu>
  );
}

interface Keys extends Pick<LayerTableProps, 'selected' | 'onStep' | 'onPlay' | 'onLook'> {
  /** Of the selected layer; -1 where the table does not show it. */
  readonly at: number;
  readonly reveal: (index: number) => void;
}

/** A row that was walked to is brought into view once it is there. */
function useKeys({ at, selected, reveal, onStep, onPlay, onLook }: Keys) {
  const walked = useRef(false);
  useEffect(() => {
    if (walked.current && at >= 0) reveal(at);
    walked.current = false;
  }, [at, reveal]);

  return (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return; // a head's button has keys of its own
    const by = keySteps[event.key];
    if (by !== undefined) walked.current = onStep(by);
    else if (event.key === ' ') onPlay();
    else if (event.key === 'Enter' && selected !== null) onLook(selected);
    else return;
    event.preventDefault();
  };
}

/** Room of the rows that are not in the page. */
function Gap({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr class="gap" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${rows * ROW_HEIGHT}px` }} />
    </tr>
  );
}

const keySteps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 8,
  PageUp: -8,
  Home: -Infinity,
  End: Infinity,
};

function Heading({ column }: { readonly column: Column }) {
  const { view, choose } = usePanel();
  const { key, title, hint, kind, width, fallingFirst = false } = column;
  const active = key !== null && view.sort.key === key;
  const direction = view.sort.falling ? 'descending' : 'ascending';
  // The name takes what the others leave.
  const style = key === 'name' ? {} : { width: `${width}px` };
  if (key === null) {
    return (
      <th scope="col" class={kind} title={hint} style={style}>
        {title}
      </th>
    );
  }
  return (
    <th scope="col" class={kind} style={style} aria-sort={active ? direction : 'none'}>
      <button
        class="sort-button"
        title={t('{0}. Sorts the table.', hint)}
        onClick={() => {
          choose({ sort: { key, falling: active ? !view.sort.falling : fallingFirst } });
        }}
      >
        {title}
        <span class="sort-mark" aria-hidden="true">
          {active ? (view.sort.falling ? '▾' : '▴') : ''}
        </span>
      </button>
    </th>
  );
}
