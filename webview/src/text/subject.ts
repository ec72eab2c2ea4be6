/** What was cut out of the image, in a word: only where a detector looked for a face is it one. */
import type { DetectionReport } from '../../../protocol/report';

export interface Subject {
  readonly title: string;
  /** As the text of a picture that shows it. */
  readonly picture: string;
}

export function subjectOf(detection: DetectionReport | undefined): Subject {
  switch (detection?.detector) {
    case undefined:
      return { title: 'Crop', picture: 'The part of the image that is analyzed' };
    case 'none':
      return { title: 'Picture', picture: 'The picture, resized' };
    case 'box':
      return { title: 'Region', picture: 'The region, cut out and resized' };
    default:
      return { title: 'Face', picture: 'The face, cut out and resized' };
  }
}
