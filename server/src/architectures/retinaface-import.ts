/** A RetinaFace ready to run, from a checkpoint's tensors. */
import { LensError } from '../errors';
import type { Model } from '../onnx/model';
import { recognize } from './recognize';
import { buildRetinaFace } from './retinaface';
import type { RetinaFaceBody, RetinaFaceVariant, RetinaFaceVariantId } from './retinaface-variants';
import { chooseVariant, retinaFaceVariants } from './retinaface-variants';
import type { StateDict } from './state-dict';

export interface ImportRetinaFaceOptions {
  /** The file, for messages. */
  readonly source: string;
  /** Where it is known (from a model card, say); otherwise the weights' own statistics decide. */
  readonly variant?: RetinaFaceVariantId;
}

export interface ImportedRetinaFace {
  readonly model: Model;
  readonly variant: RetinaFaceVariant;
  /** The wrapper's prefix in the file: `module.`, ... */
  readonly prefix: string;
  /** Choices that the file could not decide, for the report. */
  readonly notes: readonly string[];
}

/** Recognizes the state dict and builds its network. @throws LensError 'model' if it is not a RetinaFace. */
export async function importRetinaFace(
  stateDict: StateDict,
  { source, variant: known }: ImportRetinaFaceOptions,
): Promise<ImportedRetinaFace> {
  const { id, prefix, stateDict: unwrapped } = recognize(stateDict, { source });
  const body = bodies.get(id);
  if (body === undefined) {
    throw new LensError('model', `${source}: expected a face detector, found ${id}, which is a classifier.`, {
      fix: 'These are the weights of a classifier. Supported detectors are RetinaFace with ResNet-50 or MobileNet-0.25.',
      remedies: ['choose-weights'],
    });
  }
  if (known !== undefined && retinaFaceVariants[known].body !== body) {
    throw new LensError('model', `${source}: expected ${retinaFaceVariants[known].name}, found ${id}.`, {
      fix: 'The file holds a different variant from the one it was imported as.',
      remedies: ['import-file'],
    });
  }
  const { variant, notes } =
    known === undefined
      ? await chooseVariant(unwrapped, body)
      : { variant: retinaFaceVariants[known], notes: [] };
  return { model: await buildRetinaFace(unwrapped, variant), variant, prefix, notes };
}

const bodies: ReadonlyMap<string, RetinaFaceBody> = new Map([
  ['retinaface/resnet50', 'resnet50'],
  ['retinaface/mobilenet0.25', 'mobilenet0.25'],
]);
