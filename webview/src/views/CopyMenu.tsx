/** Copies the numbers behind a picture or table, as CSV or Markdown. */
import { useRef } from 'preact/hooks';
import { usePanel } from '../context';
import { tableText, type Table, type TableFormat } from '../text/tables';
import { Button } from '../toolkit';
import { t } from '../l10n';

export interface Copyable {
  /** Such as "Heatmap values"; part of the buttons' names. */
  readonly what: string;
  /** Made when it is copied; null while there is nothing. */
  readonly table: (() => Table) | null;
  /** Whether its first row is a head. */
  readonly headed: boolean;
}

const formats: readonly (readonly [TableFormat, string])[] = [
  ['csv', 'CSV'],
  ['markdown', 'Markdown'],
];

export interface CopyMenuProps {
  readonly title: string;
  readonly items: readonly Copyable[];
  /** Over what stands below, as in a row of tools. */
  readonly popup?: boolean;
}

export function CopyMenu({ title, items, popup = false }: CopyMenuProps) {
  const { send } = usePanel();
  const menu = useRef<HTMLDetailsElement>(null);
  const copy = ({ table, headed }: Copyable, format: TableFormat) => {
    if (!table) return;
    send({ type: 'copy', text: tableText(table(), format, headed) });
    if (menu.current) menu.current.open = false;
  };
  return (
    <details ref={menu} class={popup ? 'copy-menu column-menu' : 'copy-menu display-options'}>
      <summary>{title}</summary>
      <div class={popup ? 'copy-items column-choices' : 'copy-items'}>
        {items.map((item) => (
          <div key={item.what} class="copy-item" role="group" aria-label={item.what}>
            <span>{item.what}</span>
            {formats.map(([format, name]) => (
              <Button
                key={format}
                label={t('{0}: copy {1}', name, item.what)}
                disabled={!item.table}
                onClick={() => copy(item, format)}
              >
                {name}
              </Button>
            ))}
          </div>
        ))}
      </div>
    </details>
  );
}
