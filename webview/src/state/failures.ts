/** Failures in the words of a panel, which only shows images that were there. */
import type { Failure } from '../../../protocol/failure';
import { t } from '../l10n';

export function inPanel(failure: Failure): Failure {
  if (failure.code === 'no-face') {
    const fix = [t('Draw a box around the face in the picture below.'), failure.fix];
    return { ...failure, fix: fix.filter((sentence) => sentence !== null).join(' ') };
  }
  if (failure.code !== 'no-file') return failure;
  const fix = t('Put it back where it was, or analyze it where it is now.');
  return { ...failure, message: t('The image was deleted or moved.'), fix };
}
