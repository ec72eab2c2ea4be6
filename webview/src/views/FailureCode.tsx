/** A failure's code, to search for and to quote: messages get better, codes stay. */
import type { Failure } from '../../../protocol/failure';
import { t } from '../l10n';

export function FailureCode({ failure: { code, kind } }: { readonly failure: Failure }) {
  return kind === 'cancelled' ? null : <p class="muted failure-code">{t('Code: {0}', code)}</p>;
}
