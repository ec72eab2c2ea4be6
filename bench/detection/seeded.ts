/** RetinaFace with generated weights, for times alone. */
import { buildRetinaFace, retinaFaceParameters } from '../../server/src/architectures/retinaface';
import {
  retinaFaceVariants,
  type RetinaFaceBody,
  type RetinaFaceVariant,
} from '../../server/src/architectures/retinaface-variants';
import { seededStateDict } from '../../server/src/architectures/seeded';
import type { StateDict } from '../../server/src/architectures/state-dict';
import type { Model } from '../../server/src/onnx/model';

export async function seededRetinaFace(
  body: RetinaFaceBody,
): Promise<{ readonly model: Model; readonly variant: RetinaFaceVariant }> {
  const variant = retinaFaceVariants[body === 'resnet50' ? 'ternaus' : 'mobilenet-1mb'];
  const stateDict = noFaces(seededStateDict(retinaFaceParameters(body).shapes));
  return { model: await buildRetinaFace(stateDict, variant), variant };
}

/** With seeded heads half of all anchors would be faces; without any, the time is that of the network and of reading its outputs. */
function noFaces(seeded: StateDict): StateDict {
  return {
    ...seeded,
    float32: async (name) => {
      const values = await seeded.float32(name);
      return name.startsWith('ClassHead.') ? values.fill(0) : values;
    },
  };
}
