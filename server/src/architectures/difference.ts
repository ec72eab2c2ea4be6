/** Compares a file's tensors with the ones an architecture expects, as strictly as PyTorch's `load_state_dict`. */
import { nearestName } from './edit-distance';
import type { Shape, Shapes } from './state-dict';
import { sameDims } from '../onnx/dims';

/** Parameters that an architecture reads, and buffers that its files may hold besides. */
export interface Parameters {
  readonly shapes: Shapes;
  readonly unused: ReadonlySet<string>;
}

export interface Difference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshaped: readonly { readonly name: string; readonly expected: Shape; readonly found: Shape }[];
  /** Share of all names that agree, shape included: 1 when nothing differs. */
  readonly agreement: number;
}

/** `outside` are names of the file besides `found` that do not belong there. */
export function compareParameters(
  expected: Parameters,
  found: Shapes,
  outside: readonly string[] = [],
): Difference {
  const missing: string[] = [];
  const misshaped: { name: string; expected: Shape; found: Shape }[] = [];
  let agreeing = 0;
  for (const [name, shape] of expected.shapes) {
    const other = found.get(name);
    if (other === undefined) missing.push(name);
    else if (sameDims(shape, other)) agreeing++;
    else misshaped.push({ name, expected: shape, found: other });
  }
  const unexpected = [...outside];
  for (const name of found.keys())
    if (!expected.shapes.has(name) && !expected.unused.has(name)) unexpected.push(name);
  const all = expected.shapes.size + unexpected.length;
  return { missing, unexpected, misshaped, agreement: all === 0 ? 0 : agreeing / all };
}

export function isSame({ missing, unexpected, misshaped }: Difference): boolean {
  return missing.length + unexpected.length + misshaped.length === 0;
}

/** One line for each kind of difference, at most `limit` names each, with the nearest name of the other side. */
export function describeDifference(difference: Difference, limit = 5): readonly string[] {
  const { missing, unexpected, misshaped } = difference;
  const lines: string[] = [];
  if (missing.length > 0) lines.push(`Missing: ${list(missing, limit, hint(unexpected, 'the file has'))}.`);
  if (unexpected.length > 0) lines.push(`Unexpected: ${list(unexpected, limit, hint(missing, 'expected'))}.`);
  if (misshaped.length > 0)
    lines.push(
      `Shapes: ${listed(misshaped, limit, (m) => `"${m.name}" is ${dims(m.found)}, expected ${dims(m.expected)}`)}.`,
    );
  return lines;
}

export const dims = (shape: Shape): string => `[${shape.join(', ')}]`;

function hint(others: readonly string[], verb: string): (name: string) => string {
  return (name) => {
    const nearest = nearestName(name, others);
    return nearest === null ? '' : ` (${verb} "${nearest}")`;
  };
}

function list(names: readonly string[], limit: number, note: (name: string) => string): string {
  return listed(names, limit, (name) => `"${name}"${note(name)}`);
}

/** The first items, and how many more there are. */
export function listed<T>(items: readonly T[], limit: number, print: (item: T) => string): string {
  const shown = items.slice(0, limit).map(print).join(', ');
  return items.length > limit ? `${shown} and ${items.length - limit} more` : shown;
}
