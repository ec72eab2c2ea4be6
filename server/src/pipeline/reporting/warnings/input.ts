/** Warnings about the picture: that it is not the unedited file. */
import type { Rule } from './rule';
import { rule, warn } from './rule';

export const inputRules: readonly Rule[] = [
  rule(['input'], ({ input: { width, height, edited } }) => {
    if (edited === undefined) return null;
    const { strokes, pixels } = edited;
    const share = (100 * pixels) / (width * height);
    const percent = share > 0 && share < 0.1 ? 'under 0.1%' : `${share.toFixed(1)}%`;
    return warn(
      'edited-by-hand',
      `The picture was edited by hand before it was analyzed: ${strokes === 1 ? '1 stroke covers' : `${strokes} strokes cover`} ` +
        `${pixels} of ${width * height} pixels (${percent}). Nothing here is about the file as it is.`,
    );
  }),
];
