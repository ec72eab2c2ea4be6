/** What is wrong with the text of a lens, as data: for Problems of an editor, which has a place for each. */
import { findNodeAtLocation, findNodeAtOffset, getNodePath } from 'jsonc-parser';
import type { LensPath, LensProblem, LensProblemCode, LensRepair } from '../../../protocol/lens-check';
import { LensError } from '../errors';
import { lensOf } from './lens-file';
import type { FileLens } from './lens-file';
import { InvalidLens, UnreadableLens } from './parse';
import type { PlacedProblem } from './parse';
import { treeOf } from './text-tree';

/** A lens, or what keeps its text from being one. */
export type ReadLens =
  | { readonly lens: FileLens; readonly problems: readonly [] }
  | { readonly lens: null; readonly problems: readonly LensProblem[] };

/** @param path absolute; of the file that holds the text, or will */
export function readLensText(text: string, path: string): ReadLens {
  try {
    return { lens: lensOf(text, path), problems: [] };
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    return { lens: null, problems: problemsOf(thrown, text) };
  }
}

/** Each with its place in the text; the first character for what concerns all of it. */
export function problemsOf(error: LensError, text: string): readonly LensProblem[] {
  const fix = error.fix ?? null;
  if (error instanceof InvalidLens) return error.placed.map((each) => problemOf('schema', each, text, fix));
  const placed =
    error instanceof UnreadableLens ? error.placed : { offset: 0, message: error.message, nearest: null };
  return [problemOf('syntax', placed, text, fix)];
}

const problemOf = (
  code: 'syntax' | 'schema',
  { offset, message, nearest }: PlacedProblem,
  text: string,
  fix: string | null,
): LensProblem => ({
  ...{ code, severity: 'error', message, fix },
  ...lineAndColumn(text, offset),
  repairs: nearest === null ? [] : [replaceBy(nearest)],
});

/** An error about a part of a lens, at that part's place, which its message then need not say. */
export function problemAt(
  code: LensProblemCode,
  { message, fix: given }: LensError,
  lens: FileLens,
  path: LensPath,
  fix: string | null = given ?? null,
): LensProblem {
  const { line, column } = placeIn(lens, path);
  const here = `${lens.path}:${line}:${column}`;
  return {
    ...{ code, severity: 'error', line, column, repairs: [] },
    message: message.startsWith(`${here}: `) ? message.slice(here.length + 2) : message,
    fix: fix === `It is at ${here}.` ? null : fix,
  };
}

/** Of a value, or of what is nearest above it. Both from 1. */
export function placeIn(lens: FileLens, path: LensPath): { readonly line: number; readonly column: number } {
  const found = /:(\d+):(\d+)$/.exec(lens.at(...path));
  return { line: Number(found?.[1] ?? 1), column: Number(found?.[2] ?? 1) };
}

export const replaceBy = (text: string): LensRepair => ({
  do: 'replace',
  title: `Change to ${JSON.stringify(text)}`,
  text,
});

/** Both from 1; columns count UTF-16 code units, as the messages of a lens do. */
export function lineAndColumn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The inverse; the end of the text for what is beyond it. */
export function offsetAt(text: string, line: number, column: number): number {
  const ends = /\r\n|\r|\n/g;
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = ends.exec(text);
    if (end === null) return text.length;
    start = ends.lastIndex;
  }
  return Math.min(start + column - 1, text.length);
}

/** Keys and indexes that lead to what is at an offset. */
export function pathAt(text: string, offset: number): LensPath {
  const tree = treeOf(text);
  const node = tree === undefined ? undefined : findNodeAtOffset(tree, offset);
  return node === undefined ? [] : getNodePath(node);
}

/**
 * The text without the keys that are to blame, everything else at its place; so that the rest of a lens can be looked at.
 * @returns null where the text is no JSON, or nothing of it could be left out
 */
export function withoutFaults(text: string, problems: readonly LensProblem[]): string | null {
  if (problems.some(({ code }) => code === 'syntax')) return null;
  let left = text;
  for (const { line, column } of problems) {
    const offset = offsetAt(text, line, column);
    const [key] = pathAt(text, offset);
    const tree = treeOf(left);
    const value = tree === undefined || key === undefined ? undefined : findNodeAtLocation(tree, [key]);
    const property = value?.parent;
    if (property?.type !== 'property') continue;
    const end = property.offset + property.length;
    const comma = /^\s*,/.exec(left.slice(end))?.[0].length ?? 0;
    left =
      left.slice(0, property.offset) +
      blank(left.slice(property.offset, end + comma)) +
      left.slice(end + comma);
  }
  return left === text ? null : left;
}

const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');
