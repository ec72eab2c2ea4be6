/** Numbers as the view writes them. */
import { language, t } from '../l10n';

export { whole } from '../text/numbers';

export const digits = (value: number | null): string =>
  value === null
    ? t('not defined')
    : value.toLocaleString(language, { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
