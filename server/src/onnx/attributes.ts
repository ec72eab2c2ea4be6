/** Reads a node's attributes by name and kind; a wrong kind is an error of the model. */
import { LensError } from '../errors';
import type { Attribute, Node } from './model';
import { describe } from './node-label';

type Kind = Attribute['kind'];
type ValueOf<K extends Kind> = Extract<Attribute, { kind: K }>['value'];

/** The attribute's value, or undefined where the node does not have it. @throws LensError 'model' for another kind. */
export function attribute<K extends Kind>(node: Node, name: string, kind: K): ValueOf<K> | undefined {
  const found = node.attributes.get(name);
  if (found === undefined) return undefined;
  if (found.kind !== kind) {
    throw new LensError(
      'model',
      `${describe(node)}: expected attribute "${name}" of kind ${kind}, found ${found.kind}.`,
      { fix: 'The model file is invalid; export it again.' },
    );
  }
  return found.value as ValueOf<K> | undefined;
}
