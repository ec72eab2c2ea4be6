/** Patterns: the expression that a pass looks for. The operands of sums and products match in either order. */
import type { GraphEditor } from './editor';

/** The tensors bound to a pattern's names. */
export type Bound<Names extends string> = Readonly<Record<Names, string>>;

type Partly = Readonly<Record<string, string>>;

/** Every way in which a tensor matches the pattern, given the present bindings. */
export type Pattern<Names extends string> = ((
  tensor: string,
  editor: GraphEditor,
  bound: Partly,
) => Iterable<Partly>) & { readonly names?: Names };

const COMMUTATIVE: ReadonlySet<string> = new Set(['Add', 'Mul']);

/** Any tensor; the same one wherever the name occurs again. */
export const any = <Name extends string>(name: Name): Pattern<Name> => as(name, (_, __, bound) => [bound]);

/** The pattern's match, bound to a name. */
export const as = <Name extends string, Names extends string>(
  name: Name,
  pattern: Pattern<Names>,
): Pattern<Name | Names> =>
  function* (tensor, editor, bound) {
    if ((bound[name] ?? tensor) === tensor) yield* pattern(tensor, editor, { ...bound, [name]: tensor });
  };

/** The result of an operator on these operands; further inputs are ignored. */
export const op = <Names extends string = never>(
  operator: string,
  ...operands: readonly Pattern<Names>[]
): Pattern<Names> =>
  function* (tensor, editor, bound) {
    const inputs = editor.producer(tensor, operator)?.inputs;
    if (inputs === undefined) return;
    yield* each(operands, inputs, editor, bound);
    if (COMMUTATIVE.has(operator)) yield* each(operands.toReversed(), inputs, editor, bound);
  };

function* each(
  [first, ...others]: readonly Pattern<string>[],
  [tensor = '', ...rest]: readonly string[],
  editor: GraphEditor,
  bound: Partly,
): Iterable<Partly> {
  if (first === undefined) yield bound;
  else for (const found of first(tensor, editor, bound)) yield* each(others, rest, editor, found);
}

/** The first match of the tensor that `fits`; undefined if there is none. */
export function match<Names extends string>(
  editor: GraphEditor,
  tensor: string | undefined,
  pattern: Pattern<Names>,
  fits: (bound: Bound<Names>) => boolean = () => true,
): Bound<Names> | undefined {
  for (const bound of pattern(tensor ?? '', editor, {})) {
    const complete = bound as Bound<Names>;
    if (fits(complete)) return complete;
  }
  return undefined;
}
