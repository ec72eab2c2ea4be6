/** The expectations of a test file's text, or of a lens's, with their places, or everything that keeps the text from being one; nothing that it names is read. */
import type { Node } from 'jsonc-parser';
import { findNodeAtLocation } from 'jsonc-parser';
import type { ListedCheck, TextPlace } from '../../../../protocol/checks';
import { LensError } from '../../errors';
import { lensOf } from '../../lens/lens-file';
import { lineAndColumn, problemsOf } from '../../lens/problems';
import { treeOf } from '../../lens/text-tree';
import { checkOf, isLensFile } from './check-text';
import { expectationsOf } from './expectations';

/** None of a lens without `expect`. @param file names the text */
export function listCheck(text: string, file: string): ListedCheck {
  try {
    const { expect } = isLensFile(file) ? lensOf(text, file).lens : checkOf(text, file).value;
    if (expect === undefined) return { expectations: [], problems: [] };
    const tree = treeOf(text);
    const expectations = expectationsOf(expect).map(({ id, name, expected, path }) => ({
      ...{ id, name, expected },
      place: placeOf(tree, path, text),
    }));
    return { expectations, problems: [] };
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    return { expectations: [], problems: problemsOf(thrown, text) };
  }
}

/** From the key to the end of the value; of what is left out the key `expect`. */
function placeOf(tree: Node | undefined, path: readonly (string | number)[], text: string): TextPlace {
  const find = (...names: readonly (string | number)[]) =>
    tree === undefined ? undefined : findNodeAtLocation(tree, [...names]);
  const value = find('expect', ...path);
  const property = value?.parent?.type === 'property' ? value.parent : value;
  const { offset, length } = property ?? find('expect')?.parent?.children?.[0] ?? { offset: 0, length: 0 };
  const end = lineAndColumn(text, offset + length);
  return { ...lineAndColumn(text, offset), endLine: end.line, endColumn: end.column };
}
