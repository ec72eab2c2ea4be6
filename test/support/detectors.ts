/** Detectors in a session of their own: the product opens sessions in threads. */
import type { ImportedRetinaFace } from '../../server/src/architectures/retinaface-import';
import { blazeFaceDetector } from '../../server/src/detection/blazeface';
import { readBlazeFace } from '../../server/src/detection/blazeface-model';
import type { Detector, OpenSession } from '../../server/src/detection/detector';
import type { RetinaFaceOptions } from '../../server/src/detection/retinaface';
import { readRetinaFace, retinaFaceDetector } from '../../server/src/detection/retinaface';
import { encodeModel } from '../../server/src/onnx/write';

export async function createBlazeFace(openSession: OpenSession): Promise<Detector> {
  return blazeFaceDetector(await openSession(encodeModel(await readBlazeFace())));
}

/** @throws LensError as `readRetinaFace` */
export async function loadRetinaFace(
  path: string,
  openSession: OpenSession,
  options: RetinaFaceOptions = {},
): Promise<Detector> {
  return createRetinaFace(await readRetinaFace(path), openSession, options);
}

export function createRetinaFace(
  { model, ...about }: Pick<ImportedRetinaFace, 'model' | 'variant' | 'notes'>,
  openSession: OpenSession,
  options: RetinaFaceOptions = {},
): Promise<Detector> {
  return retinaFaceDetector(about, () => openSession(encodeModel(model)), options);
}
