/** What can be done about a failure, as buttons: try again, its remedies, the log. */
import type { Failure } from '../../../protocol/failure';
import { usePanel } from '../context';
import { Button } from '../toolkit';
import { Remedies } from './Remedies';
import { t } from '../l10n';

export function FailureButtons({ failure }: { readonly failure: Failure }) {
  const { send } = usePanel();
  const cancelled = failure.kind === 'cancelled';
  return (
    <>
      <Button
        appearance="primary"
        onClick={() => {
          send({ type: 'retry', detector: null });
        }}
      >
        {cancelled ? t('Analyze again') : t('Try again')}
      </Button>
      <Remedies failure={failure} />
      {!cancelled && (
        <Button
          onClick={() => {
            send({ type: 'open', what: 'log' });
          }}
        >
          {t('Show log')}
        </Button>
      )}
    </>
  );
}
