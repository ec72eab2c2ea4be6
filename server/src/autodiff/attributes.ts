/** Reads a node's attributes by name and kind; a wrong kind is the model's fault and says so. */
import { LensError } from '../errors';
import type { Attribute, Node } from '../onnx/model';

/** What each kind of attribute holds. */
type Values = { readonly [A in Attribute as A['kind']]: A['value'] };

/** The attribute's value, or undefined where the node does not carry it. */
export function attribute<K extends keyof Values>(node: Node, name: string, kind: K): Values[K] | undefined {
  const found = node.attributes.get(name);
  if (found === undefined) return undefined;
  if (found.kind !== kind) {
    throw new LensError(
      'model',
      `Node "${node.name}" (${node.opType}): attribute "${name}" should be of kind ${kind}, but is ${found.kind}.`,
      { fix: 'The model file is invalid; export it again.' },
    );
  }
  return found.value as Values[K];
}
