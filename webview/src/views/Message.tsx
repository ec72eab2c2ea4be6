/** How saving or copying ended, over the page's lower edge: until it is dismissed, or the next time. */
import { useState } from 'preact/hooks';
import { usePanel } from '../context';
import { t } from '../l10n';
import { Button } from '../toolkit';
import { CloseIcon } from './icons';

export function Message() {
  const { notice } = usePanel().state;
  const [dismissed, dismiss] = useState<typeof notice>(null);
  if (notice === null || notice === dismissed) return null;
  const { text, failed } = notice;
  return (
    <div class={failed ? 'message message-failed' : 'message'}>
      <p role={failed ? 'alert' : 'status'}>{text}</p>
      <Button appearance="icon" label={t('Dismiss this message')} onClick={() => dismiss(notice)}>
        <CloseIcon />
      </Button>
    </div>
  );
}
