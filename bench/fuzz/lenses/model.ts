/** A network with a lens beside it, as the check of a lens finds it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LensModel } from '../../../protocol/lens-check';
import { encodeModel } from '../../../server/src/onnx/write';
import { checkLens } from '../../../server/src/pipeline/lens-check/check';
import { InspectedNetworks } from '../../../server/src/pipeline/lens-check/networks';
import { ModelStore } from '../../../server/src/store/store';
import { smallClassifier } from '../../../test/support/small-classifier';

export async function examinedModel(): Promise<LensModel> {
  const folder = mkdtempSync(join(tmpdir(), 'lens-fuzz-model-'));
  try {
    writeFileSync(join(folder, 'best.onnx'), encodeModel(smallClassifier()));
    const question = { path: join(folder, 'best.lens.json'), text: '{ "labels": ["a", "b", "c"] }' };
    const around = { store: new ModelStore(folder), networks: new InspectedNetworks(), trusted: true };
    const { model, problems } = await checkLens(question, around);
    if (model === null) throw new Error(JSON.stringify(problems));
    return model;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
