/** How messages call a node: its operator and its name, or its first output where it has none. */
import type { Node } from './model';

export function describe(node: Node): string {
  const label = node.name === '' ? (node.outputs.find((output) => output !== '') ?? '') : node.name;
  return `${node.opType} node "${label}"`;
}
