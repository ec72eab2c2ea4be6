/** A report that cannot be shown: its file, what was expected and found, and the ways on. */
import type { Failure } from '../../../protocol/failure';
import type { FromPanel } from '../../../protocol/panel';
import { usePanel } from '../context';
import { Button } from '../toolkit';
import { FailureCode } from './FailureCode';
import { ErrorIcon } from './icons';
import { t } from '../l10n';

export function Unreadable({ failure }: { readonly failure: Failure }) {
  const { message, fix } = failure;
  const { send } = usePanel();
  const press = (pressed: FromPanel) => () => {
    send(pressed);
  };
  return (
    <main class="panel page">
      <div class="failure">
        <h1 class="title failure-title failure-grave">
          <ErrorIcon />
          {t('This report cannot be shown')}
        </h1>
        <p role="alert" class="failure-message">
          {message}
        </p>
        {fix !== null && <p class="failure-fix">{fix}</p>}
        <FailureCode failure={failure} />
        <div class="buttons">
          <Button appearance="primary" onClick={press({ type: 'run', command: 'pickImage' })}>
            {t('Analyze an image…')}
          </Button>
          <Button onClick={press({ type: 'open', what: 'json' })}>{t('Open as text')}</Button>
          <Button onClick={press({ type: 'open', what: 'log' })}>{t('Show log')}</Button>
        </div>
      </div>
    </main>
  );
}
