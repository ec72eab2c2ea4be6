/** Models whose outputs are no list of classes, each refused as what it is. */
import { LensError } from '../../../errors';

interface Output {
  readonly name: string;
  readonly dims: readonly number[] | undefined;
}

const BOXES = /box|det|roi|anchor|keypoint/i;

/** @param image height and width of the picture */
export function noClasses(
  outputs: readonly Output[],
  image: readonly [height: number, width: number],
): LensError {
  const found = outputs.map(({ name, dims }) => `"${name}" of shape [${dims?.join(', ') ?? 'unknown'}]`);
  const expected = `expected an output of shape [1, classes], found ${found.join(' and ')}`;
  const kind = kindOf(outputs, image);
  if (kind === null)
    return new LensError('model', `${expected}.`, {
      fix: 'Export the classifier so that one of its outputs holds a score for each class.',
    });
  return new LensError('model', `${expected}: this is a ${kind} model, not a classifier.`, {
    fix: 'Only classifiers of whole pictures are explained.',
  });
}

function kindOf(outputs: readonly Output[], [height, width]: readonly [number, number]): string | null {
  const long = ({ dims = [] }: Output): readonly number[] => dims.filter((size) => size !== 1);
  if (outputs.some(({ name }) => BOXES.test(name))) return 'detection (detector)';
  const picture = outputs.find(({ dims }) => dims !== undefined && isPicture(dims, height, width));
  if (picture !== undefined) return 'segmentation or other dense prediction';
  return outputs.some((output) => long(output).length === 2) ? 'detection (detector)' : null;
}

/** Two neighboring axes have the picture's proportions. */
const isPicture = (dims: readonly number[], height: number, width: number): boolean =>
  dims.some((size, axis) => {
    const next = dims[axis + 1] ?? 0;
    return (
      axis > 0 &&
      size > 1 &&
      next > 1 &&
      Math.abs(size / next - height / width) < 0.02 &&
      (dims.length === 4 || (axis === 1 && size > 32))
    );
  });
