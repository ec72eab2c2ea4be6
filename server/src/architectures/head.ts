/** Finds the replaced last layer of a classifier in a state dict, and with it the number of classes. */
import type { Head } from './network';
import type { Shapes } from './state-dict';

/**
 * The linear layer at or below `root` (`fc`, or `fc.1` in a Sequential with Dropout); null when there is none. With
 * several the last one is the head, and comparing the state dict then lists the others as unexpected.
 */
export function findHead(shapes: Shapes, root: string): Head | null {
  let head: Head | null = null;
  for (const [name, shape] of shapes) {
    const [classes] = shape;
    if (shape.length !== 2 || classes === undefined || !name.endsWith('.weight')) continue;
    const path = name.slice(0, -'.weight'.length);
    if (path === root || path.startsWith(`${root}.`))
      head = { path, classes, bias: shapes.has(`${path}.bias`) };
  }
  return head;
}
