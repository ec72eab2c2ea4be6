/**
 * The text of a lens, JSON with comments, parsed defensively: bounded, no unknown keys, every problem with
 * its position.
 */
import { createScanner, findNodeAtLocation, getNodeValue, parseTree } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { checkSteps } from '../../../protocol/check-steps';
import type { Lens } from '../../../protocol/lens';
import { LensError } from '../errors';
import { senselessBounds, type Senseless } from './expect-bounds';
import type { Schema } from './json-schema';
import { lensSchema } from './schema';
import type { Problem } from './validate';
import { validate } from './validate';

/** Bytes of a lens file: the longest list of labels in use, ImageNet-22k's, is in a file of its own. */
export const MOST_BYTES = 256 * 1024;

/** Lists and objects within each other; a lens has four. */
const MOST_DEPTH = 16;

/** What a text is, for messages, and what to do where it is too long. */
export interface TextKind {
  readonly name: string;
  readonly shorter: string;
}

const LENS: TextKind = {
  name: 'a lens',
  shorter: 'Put a long list of labels into a file, and name that in "labels".',
};

export interface ParsedLens {
  readonly lens: Lens;
  /** The file that it is from, for messages. */
  readonly source: string;
  /** `file:line:column` of a value, or of the key nearest above it that is there; for messages about what the lens says. */
  readonly at: (...path: readonly (string | number)[]) => string;
}

/**
 * @param source names the text in messages: the user's file
 * @throws LensError of kind `usage` with every problem's line and column
 */
export function parseLens(text: string, source: string): ParsedLens {
  const { tree, value, at } = parseChecked(text, source, lensSchema(), LENS);
  const lens = value as Lens;
  const steps = checkSteps(lens.preprocess ?? []);
  if (!steps.ok)
    throw new InvalidLens(
      steps.problems.map(({ index, key, message }) => ({
        offset: placeOf(tree, ['preprocess', ...[index, key].filter((part) => part !== null)]),
        message: `preprocess: ${message}.`,
        nearest: null,
      })),
      at,
    );
  const [least = 0, greatest = 1] = lens.input?.range ?? [];
  if (least >= greatest)
    throw new InvalidLens(
      [
        {
          offset: placeOf(tree, ['input', 'range']),
          message: `input.range: expected the least value before a greater one, found [${least}, ${greatest}].`,
          nearest: null,
        },
      ],
      at,
    );
  requireSense(lens.expect === undefined ? [] : senselessBounds(lens.expect), tree, at);
  return {
    lens,
    source,
    at: (...path) => at(placeOf(tree, path)),
  };
}

/** @throws LensError of kind `usage` with the place of each */
function requireSense(found: readonly Senseless[], tree: Node, at: At): void {
  if (found.length === 0) return;
  throw new InvalidLens(
    found.map(({ path, message }) => ({
      offset: placeOf(tree, ['expect', ...path]),
      message,
      nearest: null,
    })),
    at,
  );
}

/** A lens that ships: tests hold it against the schema, so that no start of the program has to. */
export function parseOwnLens(text: string, source: string): ParsedLens {
  const tree = parseTree(text);
  if (tree === undefined) throw new LensError('internal', `${source}: expected a lens, found nothing.`);
  const lens = structuredClone(getNodeValue(tree)) as Lens;
  const at = places(text, source);
  return { lens, source, at: (...path) => at(placeOf(tree, path)) };
}

export interface CheckedText {
  /** It fits the schema. */
  readonly value: unknown;
  /** `file:line:column` of a value, as of a lens. */
  readonly placeOf: ParsedLens['at'];
}

/**
 * JSON with comments that fits a schema.
 * @param senseless what fits it and means nothing
 * @throws LensError of kind `usage` with every problem's line and column
 */
export function parseText(
  text: string,
  source: string,
  schema: Schema,
  kind: TextKind,
  senseless: (value: unknown) => readonly Senseless[],
): CheckedText {
  const { tree, value, at } = parseChecked(text, source, schema, kind);
  requireSense(senseless(value), tree, at);
  return { value, placeOf: (...path) => at(placeOf(tree, path)) };
}

function parseChecked(
  text: string,
  source: string,
  schema: Schema,
  { name, shorter }: TextKind,
): { readonly tree: Node; readonly value: unknown; readonly at: At } {
  const at = places(text, source);
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES)
    throw new LensError(
      'usage',
      `${source}: expected ${name} of up to ${MOST_BYTES} bytes, found ${bytes}.`,
      {
        fix: shorter,
      },
    );
  const deep = tooDeep(text);
  if (deep !== null)
    throw new UnreadableLens(
      { offset: deep, message: `expected up to ${MOST_DEPTH} levels of brackets, found more.` },
      at,
    );
  const errors: ParseError[] = [];
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  const [broken] = errors;
  if (broken !== undefined || tree === undefined) throw brokenSyntax(text, at, broken?.offset ?? 0);
  const problems = validate(tree, schema);
  if (problems.length > 0) throw invalid(problems, at);
  const value: unknown = structuredClone(getNodeValue(tree)); // the parser's objects have no prototype
  return { tree, value, at };
}

function placeOf(tree: Node, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const found = findNodeAtLocation(tree, path.slice(0, length));
    if (found !== undefined) return found.offset;
  }
  return tree.offset;
}

/** The scanner's `SyntaxKind`, an enum that only its own compilation can read by name. */
const TOKENS = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const;

/** Where brackets go deeper than a lens needs; null where they do not. The parser recurses, this does not. */
function tooDeep(text: string): number | null {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== TOKENS.end; token = scanner.scan()) {
    if (token === TOKENS.openBrace || token === TOKENS.openBracket) depth += 1;
    if (token === TOKENS.closeBrace || token === TOKENS.closeBracket) depth -= 1;
    if (depth > MOST_DEPTH) return scanner.getTokenOffset();
  }
  return null;
}

/** `file:line:column`, both from 1; columns count UTF-16 code units, as editors do. */
const places =
  (text: string, source: string) =>
  (offset: number): string => {
    const before = text.slice(0, offset).split(/\r\n|\r|\n/);
    return `${source}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  };

type At = ReturnType<typeof places>;

/** How much of the text an error of its syntax shows. */
const SHOWN = 20;

function brokenSyntax(text: string, at: At, offset: number): UnreadableLens {
  const [line = ''] = text.slice(offset).split(/\r|\n/);
  const found =
    line === ''
      ? offset >= text.trimEnd().length
        ? 'the end of the file'
        : 'the end of the line'
      : JSON.stringify(line.slice(0, SHOWN));
  return new UnreadableLens(
    {
      offset,
      message: `expected JSON, in which comments are allowed, found ${found}.`,
      fix: 'Keys and strings need double quotes, and entries a comma between them.',
    },
    at,
  );
}

/** Something wrong with a text, at a place of it. */
export interface PlacedProblem {
  /** In UTF-16 code units. */
  readonly offset: number;
  /** A sentence without the place. */
  readonly message: string;
  /** The known word that was probably meant. */
  readonly nearest: string | null;
}

/** The text is not JSON: nothing more is known about it. */
export class UnreadableLens extends LensError {
  readonly placed: PlacedProblem;

  constructor({ offset, message, fix }: Omit<PlacedProblem, 'nearest'> & { readonly fix?: string }, at: At) {
    super('usage', `${at(offset)}: ${message}`, {
      code: 'lens-unreadable',
      ...(fix === undefined ? {} : { fix }),
    });
    this.placed = { offset, message, nearest: null };
  }
}

/** Every problem is a sentence of its own, for front ends that can show all of them. */
export class InvalidLens extends LensError {
  /** Sentences with their places. */
  readonly problems: readonly string[];

  constructor(
    readonly placed: readonly PlacedProblem[],
    at: At,
  ) {
    const problems = placed.map(({ offset, message }) => `${at(offset)}: ${message}`);
    super('usage', problems.join(' '), { code: 'lens-invalid' });
    this.problems = problems;
  }
}

const invalid = (problems: readonly Problem[], at: At): InvalidLens =>
  new InvalidLens(
    problems.map(({ offset, path, expected, found, nearest }) => {
      const what = path === '' ? '' : `${path}: `;
      const meant = nearest === null ? '' : ` Did you mean "${nearest}"?`;
      return { offset, message: `${what}expected ${expected}, found ${found}.${meant}`, nearest };
    }),
    at,
  );
