/** Finds the replaced last layer of a classifier in a state dict, and with it the number of classes. */
import type { Head } from './network';
import type { Shape, Shapes } from './state-dict';

/** A linear layer's weight is (outputs, inputs); as that of a 1x1 convolution it has two more axes. */
export function linearShape(
  shape: Shape,
): { readonly outputs: number; readonly inputs: number; readonly isConvolution: boolean } | null {
  const [outputs, inputs, ...window] = shape;
  if (outputs === undefined || inputs === undefined) return null;
  const isConvolution = window.length === 2 && window.every((side) => side === 1);
  return window.length === 0 || isConvolution ? { outputs, inputs, isConvolution } : null;
}

/**
 * The linear layer at or below `root` (`fc`, or `fc.1` in a Sequential with Dropout); null when there is none. With
 * several the last one is the head, and comparing the state dict then lists the others as unexpected.
 */
export function findHead(shapes: Shapes, root: string): Head | null {
  let head: Head | null = null;
  for (const [name, shape] of shapes) {
    const linear = linearShape(shape);
    if (linear === null || !name.endsWith('.weight')) continue;
    const path = name.slice(0, -'.weight'.length);
    const bias = shapes.has(`${path}.bias`);
    const form = linear.isConvolution ? { isConvolution: true } : {};
    if (path === root || path.startsWith(`${root}.`)) head = { path, classes: linear.outputs, bias, ...form };
  }
  return head;
}
