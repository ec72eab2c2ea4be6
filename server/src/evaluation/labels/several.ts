/** Several labels in one text, as a manifest writes them: `cat|dog`. */

export const SEPARATOR = '|';

/** `|` alone, and an empty list in JSON lines, say that a picture has none of the labels. */
export const severalIn = (text: string): readonly string[] =>
  text
    .split(SEPARATOR)
    .map((label) => label.trim())
    .filter((label) => label !== '');
