/** Whether hover says of a value what the resolved lens has, and of one that is left out what the step takes for it. */
import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { checkSteps } from '../../../protocol/check-steps';
import type { LensModel, LensPath } from '../../../protocol/lens-check';
import { lensValueText } from '../../../protocol/lens-words';
import { hoverLens } from '../../../server/src/language/lens/hover';
import { tokenAt } from '../../../server/src/language/lens/lens-text';
import type { TextDocument } from '../../../server/src/language/text-document';
import { treeOf } from '../../../server/src/lens/text-tree';

/** What is wrong with it, for outcomes; null where nothing is. @param isLens whether the text is valid */
export function hoverFault(
  document: TextDocument,
  offset: number,
  model: LensModel,
  isLens: boolean,
): string | null {
  const found = hoverLens(document, offset, model);
  const tree = treeOf(document.text);
  const token = tree === undefined ? null : tokenAt(tree, offset);
  if (tree === undefined || token === null || found === null) return null;
  const { contents, range } = found;
  const text = typeof contents === 'object' && 'value' in contents ? contents.value : '';
  if (range === undefined || document.offsetAt(range.start) > offset || document.offsetAt(range.end) < offset)
    return 'hover is about another place';
  const [key, inner] = token.path;
  const name = typeof inner === 'string' ? `${key}.${inner}` : key;
  if (key === 'preprocess' && typeof inner === 'number')
    return isLens ? standardFault(tree, token.path, text) : null;
  const resolved = model.lens.values.find((value) => value.key === name && value.origin !== 'lens');
  if (resolved === undefined || key === 'layers' || key === 'target' || key === 'model') return null;
  const value = typeof resolved.value === 'string' ? JSON.stringify(resolved.value) : lensValueText(resolved);
  return text.includes(value.slice(0, 100)) ? null : `hover over ${String(name)} does not say ${value}`;
}

/** What a step's parameter is said to be where it is left out, and what the step takes then. */
function standardFault(tree: Node, [, index, key]: LensPath, text: string): string | null {
  const steps: unknown = getNodeValue(findNodeAtLocation(tree, ['preprocess']) ?? tree);
  const said = /If left out: `+ ?(.*?) ?`+\./.exec(text)?.[1];
  if (said === undefined || !Array.isArray(steps) || typeof index !== 'number' || typeof key !== 'string')
    return null;
  const without = steps.map((step: object, i) =>
    i === index ? Object.fromEntries(Object.entries(step).filter(([name]) => name !== key)) : { ...step },
  );
  const checked = checkSteps(without);
  const taken = checked.ok
    ? JSON.stringify(Object.entries(checked.steps[index] ?? {}).find(([name]) => name === key)?.[1])
    : said;
  return taken === said
    ? null
    : `hover over ${key} says ${said} where it is left out, and the step takes ${taken}`;
}
