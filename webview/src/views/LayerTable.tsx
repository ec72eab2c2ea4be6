/** The layers as a table: sortable, one row selected, moved through with the keyboard. */
import { Fragment, type ComponentChildren, type RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { usePanel } from '../context';
import type { Row, SortKey } from '../state/rows';
import { useFollow } from './hooks/follow';
import { LayerRow } from './LayerRow';

export interface LayerTableProps {
  readonly rows: readonly Row[];
  /** Before filtering. */
  readonly total: number;
  /** Name of the layer that is shown. */
  readonly selected: string | null;
  /** Opens under the selected row; null where the inspector stands elsewhere. */
  readonly below: ComponentChildren;
  /** Stands below the head as long as there are no rows to filter. */
  readonly instead: ComponentChildren;
  readonly onStep: (by: number) => boolean;
  readonly onPlay: () => void;
}

interface Column {
  readonly key: SortKey | null;
  readonly title: string;
  readonly hint: string;
  /** Falling first, where the large values are the ones looked for. */
  readonly fallingFirst?: true;
  readonly kind: string;
}

const columns: readonly Column[] = [
  { key: 'order', title: '#', hint: 'Place in the forward pass', kind: 'number column-order' },
  {
    key: 'health',
    title: 'Health',
    hint: 'Whether the layer deserves a second look',
    kind: 'column-health',
    fallingFirst: true,
  },
  { key: 'name', title: 'Layer', hint: 'Name and operator', kind: 'column-name' },
  {
    key: 'size',
    title: 'Shape',
    hint: 'Channels × height × width',
    kind: 'number column-shape',
    fallingFirst: true,
  },
  { key: null, title: 'Activation', hint: 'Channel mean of the activation', kind: 'column-picture' },
  { key: null, title: 'Heatmap', hint: 'Class activation map over the face', kind: 'column-picture' },
  { key: 'mean', title: 'Mean', hint: 'Mean of the activation', kind: 'number', fallingFirst: true },
  {
    key: 'std',
    title: 'Std',
    hint: 'Standard deviation of the activation',
    kind: 'number column-std',
    fallingFirst: true,
  },
  {
    key: 'cam',
    title: 'CAM max',
    hint: 'Largest value of the raw map: what full color stands for',
    kind: 'number column-cam',
    fallingFirst: true,
  },
  {
    key: 'negative',
    title: 'Negative',
    hint: 'Share of the map that was negative before ReLU',
    kind: 'number column-negative',
    fallingFirst: true,
  },
];

export function LayerTable({
  rows,
  total,
  selected: wanted,
  below,
  instead,
  onStep,
  onPlay,
}: LayerTableProps) {
  const { view, choose } = usePanel();
  const body = useRef<HTMLTableSectionElement>(null);
  useFollow(body, wanted, view.layer !== null);

  const onKeyDown = useKeys(body, onStep, onPlay);
  const tabStop = rows.some(({ layer }) => layer.name === wanted) ? wanted : rows[0]?.layer.name;
  return (
    <div class="table-frame">
      <table class="layers" role="grid" aria-label="Layers" aria-rowcount={total}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.title} column={column} />
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKeyDown}>
          {rows.map((row) => {
            const selected = row.layer.name === wanted;
            return (
              <Fragment key={row.layer.name}>
                <LayerRow
                  row={row}
                  selected={selected}
                  tabStop={row.layer.name === tabStop}
                  onSelect={() => choose({ layer: selected && below ? null : row.layer.name })}
                />
                {selected && below && (
                  <tr class="below">
                    <td colSpan={columns.length}>{below}</td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
      {total === 0 && instead}
      {rows.length === 0 && total > 0 && <p class="nothing">No layer matches the filter.</p>}
    </div>
  );
}

function useKeys(
  body: RefObject<HTMLElement | null>,
  onStep: LayerTableProps['onStep'],
  onPlay: LayerTableProps['onPlay'],
): (event: KeyboardEvent) => void {
  return (event) => {
    if (!(event.target instanceof HTMLTableRowElement)) return;
    const by = keySteps[event.key];
    if (by !== undefined) onStep(by);
    else if (event.key === ' ') onPlay();
    else return;
    event.preventDefault();
    // Focus follows the selection once the new row is there.
    requestAnimationFrame(() => {
      body.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus({ preventScroll: true });
    });
  };
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
  const { key, title, hint, kind, fallingFirst = false } = column;
  const active = key !== null && view.sort.key === key;
  const direction = view.sort.falling ? 'descending' : 'ascending';
  if (key === null) {
    return (
      <th scope="col" class={kind} title={hint}>
        {title}
      </th>
    );
  }
  return (
    <th scope="col" class={kind} aria-sort={active ? direction : 'none'}>
      <button
        class="sort-button"
        title={`${hint}. Sorts the table.`}
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
