/** Warnings about the picture: that it is not the unedited file. */
import { percentage } from '../../../../../protocol/percentage';
import type { Rule } from './rule';
import { rule, warn } from './rule';

export const inputRules: readonly Rule[] = [
  rule(['input'], ({ input: { width, height, edited } }) => {
    if (edited === undefined) return null;
    const { strokes, pixels } = edited;
    return warn(
      'edited-by-hand',
      `The picture was edited by hand before it was analyzed: ${strokes === 1 ? '1 stroke covers' : `${strokes} strokes cover`} ` +
        `${pixels} of ${width * height} pixels (${percentage(pixels / (width * height))}). Nothing here is about the file as it is.`,
    );
  }),
];
