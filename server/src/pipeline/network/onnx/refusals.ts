/** Errors for models that are no image classifiers, by what the model is instead. */
import { LensError } from '../../../errors';
import type { ValueInfo } from '../../../onnx/model';

const spell = ({ name, type, dims }: ValueInfo): string =>
  `"${name}" ${type} [${dims?.map((dim) => dim ?? '?').join(', ') ?? 'any shape'}]`;

const EXPECTED = 'expected one image input of shape [1, 3, H, W], [1, H, W, 3] or the like';

/** The error where no input can be an image: says what the model looks like instead. */
export function noImage(inputs: readonly ValueInfo[]): LensError {
  const found = inputs.map(spell).join('; ') || 'none';
  const integers = inputs.some(({ type, dims }) => isInteger(type) && (dims?.length ?? 0) <= 2);
  if (inputs.length > 0 && (integers || inputs.some(({ type }) => type === 'string')))
    return new LensError('model', `${EXPECTED}, found ${found}: this is a text model, which takes tokens.`, {
      fix: 'Only classifiers of images are explained.',
    });
  if (inputs.some(({ dims }) => dims?.length === 5))
    return new LensError(
      'model',
      `${EXPECTED}, found ${found}: this is a video or volume model, which takes many pictures at once.`,
      { fix: 'Only classifiers of single images are explained.' },
    );
  return new LensError('model', `${EXPECTED}, found ${found}.`, {
    fix: 'Export the classifier with the image as its only input.',
  });
}

const isInteger = (type: ValueInfo['type']): boolean => type === 'int64' || type === 'int32';

export const otherChannels = (input: ValueInfo, channels: number): LensError =>
  new LensError(
    'model',
    `the input ${spell(input)} has ${channels} channels; expected 3 (RGB) or 1 (gray).`,
    {
      fix: 'What further channels should hold is not known: export the classifier for color or gray images.',
    },
  );

export const furtherInputs = (image: ValueInfo, others: readonly ValueInfo[]): LensError =>
  new LensError(
    'model',
    `beside the image "${image.name}" the model takes ${others.map(spell).join('; ')}, without a default value.`,
    { fix: 'Export the classifier with the image as its only input: give the others as constants.' },
  );
