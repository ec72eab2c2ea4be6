/** Where a node is in its network, for messages: its module, and the line of source that it comes from. */
import type { Node } from '../onnx/model';
import { scopeOf } from './scope';

/** Such as ` in features.3 (net.py:27)`; empty where the file says nothing. */
export function whereOf(node: Node): string {
  const module = scopeOf(node)?.modules.at(-1);
  const source = node.origin?.source ?? null;
  return `${module === undefined ? '' : ` in ${module}`}${source === null ? '' : ` (${source})`}`;
}
