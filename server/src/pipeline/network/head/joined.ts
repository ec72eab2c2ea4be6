/** Several heads whose outputs are joined into one: sigmoids of different layers. */
import { attribute } from '../../../onnx/attributes';
import type { Model } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import type { Cut } from './cuts';
import { cutsBefore } from './cuts';
import type { FindFacts, Found } from './find-activation';
import { findActivation } from './find-activation';

/**
 * The activation of each part, in the order of the outputs. Only sigmoids: several softmaxes joined are no distribution over all classes,
 * and their outputs are taken as they are.
 * @returns null where the output is nothing joined, or a part has no sigmoid at its end
 */
export async function joinedParts(
  model: Model,
  cuts: readonly Cut[],
  fromImage: ReadonlySet<string>,
  facts: FindFacts,
): Promise<readonly Found[] | null> {
  const joint = model.graph.nodes.find(
    ({ opType, outputs }) => opType === 'Concat' && outputs[0] === lastOf(cuts),
  );
  if (joint === undefined || !cuts.at(-1)?.tail.every(({ opType }) => SAME_VALUES.has(opType))) return null;
  const dims = facts.factsOf(joint.outputs[0] ?? '')?.dims ?? [];
  const axis = attribute(joint, 'axis', 'int') ?? 0;
  // Along the classes, so that the parts follow each other.
  if (dims[axis < 0 ? axis + dims.length : axis] !== elementCount(dims)) return null;
  const parts: Found[] = [];
  for (const part of joint.inputs) {
    if (!fromImage.has(part)) return null;
    const found = await findActivation(model, cutsBefore(model.graph, part, fromImage, facts.factsOf), facts);
    const usable = found?.match.kind === 'sigmoid' && !found.match.log && found.match.values === 'exact';
    if (found === null || !usable) return null;
    parts.push(found);
  }
  return parts;
}

const lastOf = (cuts: readonly Cut[]): string | undefined => cuts.at(-1)?.tensor;

/** What may be between the joint and the output. */
const SAME_VALUES: ReadonlySet<string> = new Set([
  'Identity',
  'Flatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Dropout',
]);
