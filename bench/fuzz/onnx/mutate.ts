/** Breaks a model where it has structure: attributes, shapes, names, types, edges, data; and at last its bytes. */
import type { Model } from '../../../server/src/onnx/model';
import type { Random } from '../random';

import {
  plantLarge,
  changeConstant,
  changeInput,
  changeGraphOutputs,
  changeVersion,
  changeMetadata,
  nest,
} from './mutate-graph';
import {
  setAttribute,
  nudgeAttribute,
  dropAttribute,
  swapOperator,
  renameTensor,
  renameNode,
  rewire,
  changeOutputs,
  repeatNode,
  dropNode,
  type Mutation,
} from './mutate-nodes';

const mutations: readonly Mutation[] = [
  ...[setAttribute, setAttribute, nudgeAttribute, nudgeAttribute, nudgeAttribute, dropAttribute],
  ...[swapOperator, swapOperator, renameTensor, renameTensor, renameNode, rewire, rewire, changeOutputs],
  ...[repeatNode, dropNode, plantLarge, plantLarge, changeConstant, changeConstant, changeConstant],
  ...[changeInput, changeGraphOutputs, changeVersion, changeMetadata, nest],
];

/** One to three mutations; the same for the same `random`. */
export function mutated(model: Model, random: Random): Model {
  let result = model;
  for (let i = 1 + random.below(3); i > 0; i--) result = random.pick(mutations)(result, random);
  return result;
}

/** Cut, flipped or overwritten: what the reader of the format has to notice. */
export function brokenBytes(bytes: Buffer, random: Random): Buffer {
  const result = Buffer.from(bytes);
  switch (random.below(4)) {
    case 0:
      return result.subarray(0, random.below(result.length + 1));
    case 1:
      for (let i = 1 + random.below(8); i > 0; i--)
        flip(result, random.below(result.length), 1 << random.below(8));
      return result;
    case 2:
      random.bytes(Math.min(8, result.length)).copy(result, random.below(result.length - 8));
      return result;
    default:
      result.fill(
        random.pick([0, 0x7f, 0x80, 0xff]),
        random.below(result.length),
        random.below(result.length),
      );
      return result;
  }
}

const flip = (bytes: Buffer, at: number, bits: number): void => void (bytes[at] = (bytes[at] ?? 0) ^ bits);
