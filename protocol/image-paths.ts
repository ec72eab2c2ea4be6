/** Paths of images in lines of code, Markdown, JSON, YAML and CSV: found by their endings, by editor and server alike. */
import { IMAGE_EXTENSIONS } from './vocabulary';

export interface ImagePath {
  /** In the line, in UTF-16 code units. */
  readonly start: number;
  readonly length: number;
  /** As a path: without quotes, escapes of blanks and `file://`. */
  readonly path: string;
}

/** Longer lines are data, and nobody looks at more paths than this in one line. */
const MOST = { characters: 20_000, paths: 64 } as const;

const ending = `\\.(?:${IMAGE_EXTENSIONS.join('|')})`;

/**
 * Within quotes a path may contain spaces; elsewhere it ends at spaces, brackets and separators. Neither
 * continues after the extension.
 */
const QUOTED = new RegExp(`(["'\`])((?:(?!\\1)[^\\\\\\r\\n]|\\\\.){0,1024}?${ending})(?=\\1)`, 'gi');
const BARE = new RegExp(
  `(?:[A-Za-z]:[\\\\/])?[^\\s"'\`<>|()[\\]{},;:=*?#]{0,512}${ending}(?![\\w./\\\\-])`,
  'gi',
);

export function imagePathsIn(line: string): readonly ImagePath[] {
  if (line.length > MOST.characters || !ANY.test(line)) return [];
  const quoted = [...line.matchAll(QUOTED)].map(({ index, 2: path = '' }) => found(index + 1, path));
  const bare = [...line.matchAll(BARE)]
    .map(({ index, 0: path }) => found(index, path))
    .filter(
      ({ start, length }) =>
        !quoted.some((each) => start < each.start + each.length && each.start < start + length),
    );
  return [...quoted, ...bare]
    .filter(({ path }) => !/^[a-z][a-z\d+.-]+:/i.test(path))
    .toSorted((a, b) => a.start - b.start)
    .slice(0, MOST.paths);
}

const ANY = new RegExp(ending, 'i');

const found = (start: number, text: string): ImagePath => ({
  ...{ start, length: text.length, path: text.replace(/^file:\/\//, '').replace(/\\(?=[\s\\"'])/g, '') },
});

/** The path at this position of the line; null if there is none. */
export const imagePathAt = (line: string, character: number): ImagePath | null =>
  imagePathsIn(line).find(({ start, length }) => start <= character && character <= start + length) ?? null;
