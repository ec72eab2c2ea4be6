/** What torch's exporter records for a node: the enclosing modules, their classes, and its line of Python. */

export interface NodeOrigin {
  /** Paths of the enclosing modules, the model's own ('') first and the node's own name last. */
  readonly scopes: readonly string[];
  /** Classes of the modules and the operator, one for each scope. */
  readonly classes: readonly string[];
  /** `/home/me/net.py:27`: the innermost line that is not torch's own. */
  readonly source: string | null;
}

const KEYS = {
  scopes: 'pkg.torch.onnx.name_scopes',
  classes: 'pkg.torch.onnx.class_hierarchy',
  stack: 'pkg.torch.onnx.stack_trace',
} as const;

export const isOriginKey = (key: string): boolean => Object.values<string>(KEYS).includes(key);

/** Most characters of one entry that are read. */
const MOST_TEXT = 65_536;

/** @param metadata of a node, by key @returns undefined where there is none */
export function originOf(metadata: ReadonlyMap<string, string>): NodeOrigin | undefined {
  const text = (key: string): string => (metadata.get(key) ?? '').slice(0, MOST_TEXT);
  const scopes = stringsOf(text(KEYS.scopes));
  const source = sourceOf(text(KEYS.stack));
  if (scopes.length === 0 && source === null) return undefined;
  return { scopes, classes: stringsOf(text(KEYS.classes)), source };
}

/** The strings of a list as Python writes it: ['', 'stem', "it's"]. */
function stringsOf(text: string): readonly string[] {
  const quoted = text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g);
  return Array.from(quoted, ([, single, double]) => (single ?? double ?? '').replace(/\\(.)/g, '$1'));
}

/** A frame of torch itself, of its exporter, or of Python's own machinery. */
const FOREIGN = /[\\/](torch|onnxscript|torch_onnx)[\\/]|^<|[\\/]lib[\\/]python[\d.]+[\\/](?!site-packages)/;

function sourceOf(stack: string): string | null {
  const frames = Array.from(stack.matchAll(/File "([^"\n]+)", line (\d+)/g), ([, file = '', line = '']) => ({
    file,
    line,
  }));
  const own = frames.findLast(({ file }) => !FOREIGN.test(file));
  return own === undefined ? null : `${own.file}:${own.line}`;
}
