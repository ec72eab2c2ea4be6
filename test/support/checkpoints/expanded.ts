/** State dicts of whole networks in a few kilobytes: every tensor repeats one stored number (stride 0). */
import type { Shapes } from '../../../server/src/architectures/state-dict';
import { p } from './pickle-writer';
import { floats, stateDictPickle, torchZip } from './torch-writer';
import type { TensorRecipe } from './torch-writer';

const VALUES = [0.011, -0.017, 0.023, -0.005, 0.031, 0.007, -0.013, 0.019];

/** @param shift gives other numbers to the same tensors */
export function expanded(shapes: Shapes, shift = 0): Record<string, TensorRecipe> {
  return Object.fromEntries(
    [...shapes].map(([name, shape], index) => {
      const offset = /running_var|bn\d?\.weight/.test(name) ? VALUES.length : (index + shift) % VALUES.length;
      return [name, { key: '0', storage: VALUES.length + 1, shape, strides: shape.map(() => 0), offset }];
    }),
  );
}

/** A checkpoint of `torch.save` that holds these values by name; a bare state dict where the only name is "". */
export function expandedFile(
  values: Readonly<Record<string, Record<string, TensorRecipe> | Buffer>>,
): Buffer {
  const pickled = (value: Record<string, TensorRecipe> | Buffer): Buffer =>
    Buffer.isBuffer(value) ? value : stateDictPickle(value);
  const [[only, first] = ['', {}]] = Object.entries(values);
  const root =
    only === ''
      ? pickled(first)
      : p.dict(...Object.entries(values).map(([name, v]) => [p.text(name), pickled(v)] as const));
  return torchZip(root, { '0': floats(...VALUES, 1) });
}
