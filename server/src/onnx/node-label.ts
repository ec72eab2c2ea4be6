/** A node's name in messages: its operator and name, or its first output where it has no name. */
import type { Node } from './model';

export function describe(node: Node): string {
  const label = node.name === '' ? (node.outputs.find((output) => output !== '') ?? '') : node.name;
  return `${node.opType} node "${label}"`;
}
