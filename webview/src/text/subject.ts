/** What was cut out of the image, in a word: only where a detector looked for a face is it one. */
import type { DetectionReport } from '../../../protocol/report';
import { t } from '../l10n';

export interface Subject {
  readonly title: string;
  /** As the text of a picture that shows it. */
  readonly picture: string;
}

export function subjectOf(detection: DetectionReport | undefined): Subject {
  switch (detection?.detector) {
    case undefined:
      return { title: t('Crop'), picture: t('The part of the image that is analyzed') };
    case 'none':
      return { title: t('Picture'), picture: t('The picture, resized') };
    case 'box':
      return { title: t('Region'), picture: t('The region, cut out and resized') };
    default:
      return { title: t('Face'), picture: t('The face, cut out and resized') };
  }
}
