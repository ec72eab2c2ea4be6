/** Room for what is still to come, as large as what will stand there; says so in words where the run has ended. */
import { usePanel } from '../context';
import { t } from '../l10n';

export function Pending({ class: kind }: { readonly class: string }) {
  const { running } = usePanel().state;
  return (
    <div class={`pending ${kind}`} aria-busy={running}>
      <span>{running ? t('Computing') : t('Not computed')}</span>
    </div>
  );
}
