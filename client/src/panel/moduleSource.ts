/** Where Python code makes the modules of a layer's path: `self.features = ...` for `features.18.conv`. */

export interface Assigned {
  /** Counted from 0. */
  readonly line: number;
  readonly text: string;
  /** The module's attribute, such as `conv`. */
  readonly attribute: string;
}

/** The attributes of a layer's path, outermost first; numbers are places in a list, which code does not name. */
export const attributesOf = (layer: string): readonly string[] => [
  ...new Set(layer.split(/[./]/).filter((part) => /^[A-Za-z_]\w*$/.test(part))),
];

/** `self.conv = `, `self.conv: nn.Module = `, and `self.add_module("conv", ...)`. */
const ASSIGNED = /^\s*self\.(?:add_module\(\s*["'](\w+)["']|(\w+)\s*(?::[^=\n]+)?=(?!=))/;

/** The lines of a Python file that make modules of these names. */
export function modulesMade(text: string, attributes: readonly string[]): readonly Assigned[] {
  return text.split(/\r?\n/).flatMap((written, line) => {
    const found = ASSIGNED.exec(written);
    const attribute = found?.[1] ?? found?.[2];
    return attribute !== undefined && attributes.includes(attribute)
      ? [{ line, text: written.trim().slice(0, 200), attribute }]
      : [];
  });
}

/**
 * Of the lines of several files those that are most likely meant: in the files that make most of the path's modules, the innermost of these.
 * @param files lines by file
 */
export function likeliest<File>(
  files: readonly (readonly [File, readonly Assigned[]])[],
  attributes: readonly string[],
): readonly (readonly [File, Assigned])[] {
  const madeIn = (made: readonly Assigned[]): number => new Set(made.map(({ attribute }) => attribute)).size;
  const most = Math.max(0, ...files.map(([, made]) => madeIn(made)));
  return files
    .filter(([, made]) => most > 0 && madeIn(made) === most)
    .flatMap(([file, made]) => {
      const depths = made.map(({ attribute }) => attributes.indexOf(attribute));
      const innermost = attributes[Math.max(...depths)];
      return made
        .filter(({ attribute }) => attribute === innermost)
        .map((line): readonly [File, Assigned] => [file, line]);
    });
}
