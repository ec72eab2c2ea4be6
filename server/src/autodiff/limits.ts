/** What a gradient rule may make before the graph runs: constants as large as an activation belong into the graph. */
import type { GradientContext } from './rule';

/** Elements of a table that a rule computes, such as an interpolation matrix (64 MiB of float32). */
const MAX_TABLE = 2 ** 24;

/** @throws LensError of kind `model` that names the node, if a table would have more elements. */
export function refuseTable(ctx: GradientContext, what: string, elements: number): void {
  if (elements > MAX_TABLE)
    ctx.unsupported(`${what} would take ${elements} numbers, more than the ${MAX_TABLE} it may`);
}
