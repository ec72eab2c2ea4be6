/** Nothing to show: why, and how to get a report. */
import { usePanel } from '../context';
import { Button } from '../toolkit';
import { t } from '../l10n';

export function Empty({ reason }: { readonly reason: string }) {
  const { send } = usePanel();
  return (
    <main class="panel page">
      <h1 class="title">{t('No report here')}</h1>
      <p role="status">{reason}</p>
      <p class="muted">
        {t('Right-click an image in the Explorer and choose “Analyze with Inference Lens”, or pick one now.')}
      </p>
      <div class="buttons">
        <Button
          appearance="primary"
          onClick={() => {
            send({ type: 'run', command: 'pickImage' });
          }}
        >
          {t('Analyze an image…')}
        </Button>
      </div>
    </main>
  );
}
