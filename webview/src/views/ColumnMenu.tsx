/** Which columns the table has: as many as there is room for, or those that the reader takes. */
import { useState } from 'preact/hooks';
import { usePanel } from '../context';
import { COLUMNS, columnIds, type Column } from '../state/columns';
import { Button, Checkbox } from '../toolkit';
import { t } from '../l10n';

export function ColumnMenu({ shown }: { readonly shown: readonly Column[] }) {
  const missing = COLUMNS.length - shown.length;
  // Boxes that nobody has asked for are a fifth of the toolkit's elements in a page that is to be there at once.
  const [wasOpened, setOpened] = useState(false);
  const opened = () => setOpened(true);
  return (
    <details class="column-menu" onToggle={opened}>
      <summary onClick={opened}>{missing === 0 ? t('Columns') : t('Columns ({0} hidden)', missing)}</summary>
      {wasOpened && <Boxes ids={new Set(shown.map(({ id }) => id))} />}
    </details>
  );
}

function Boxes({ ids }: { readonly ids: ReadonlySet<string> }) {
  const { view, choose } = usePanel();
  return (
    <div class="column-choices" role="group" aria-label={t('Columns of the table')}>
      {COLUMNS.filter(({ id }) => id !== 'name').map(({ id, title }) => (
        <Checkbox
          key={id}
          checked={ids.has(id)}
          onChange={(on) =>
            choose({ columns: columnIds.filter((other) => (other === id ? on : ids.has(other))) })
          }
        >
          {id === 'order' ? t('Number') : title}
        </Checkbox>
      ))}
      <Button disabled={view.columns === null} onClick={() => choose({ columns: null })}>
        {t('As many as fit')}
      </Button>
    </div>
  );
}
