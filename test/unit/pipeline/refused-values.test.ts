/** Values of a lens that only the network can refuse: every door says where in the lens they are set, and the rest is checked too. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { layersFitting } from '../../../server/src/layers/patterns';
import { withPlaceInErrors } from '../../../server/src/lens/resolve';
import { encodeModel } from '../../../server/src/onnx/write';
import { chooseLens } from '../../../server/src/pipeline/choose-lens';
import { inspectLens, NOTHING_ASKED } from '../../../server/src/pipeline/inspect-lens';
import { checkLens } from '../../../server/src/pipeline/lens-check/check';
import { InspectedNetworks } from '../../../server/src/pipeline/lens-check/networks';
import { ModelStore } from '../../../server/src/store/store';
import { failureWithFix } from '../../support/failure';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('refused-values');
const store = new ModelStore(join(folder, 'store'));
writeFileSync(join(folder, 'net.onnx'), encodeModel(smallClassifier()));
const path = join(folder, 'mine.lens.json');
const text = `{
  "model": "net.onnx",
  "output": { "name": "scores" },
  "layers": ["conv1", "head.*"]
}`;
writeFileSync(path, text);

test('an output that the network lacks', async () => {
  const { message, fix } = await failureWithFix(inspectLens({ lens: path }, store));
  assert.match(message, /net\.onnx: expected an output "scores", found "probabilities"\.$/);
  assert.equal(fix, `This is set at ${path}:3:23. The file's outputs are probabilities.`);
});

test('layers that the network lacks, unless an option names them', async () => {
  const refusal = async (layers: string | null) => {
    const { plan } = await chooseLens({ ...NOTHING_ASKED, lens: path, layers }, store, (look) => look());
    const work = () => Promise.resolve().then(() => layersFitting([], plan.layers ?? [], 'net.onnx'));
    return failureWithFix(withPlaceInErrors(plan, work));
  };
  assert.match((await refusal(null)).fix ?? '', /^This is set at .*mine\.lens\.json:4:13\. /);
  assert.doesNotMatch((await refusal('head.*')).fix ?? '', /This is set/);
});

test('in an editor both at their lines', async () => {
  const around = { store, networks: new InspectedNetworks(), trusted: true };
  const { problems } = await checkLens({ path, text }, around);
  assert.deepEqual(
    problems.map(({ line, message }) => [line, message.includes('"scores"') || message.includes('"head.*"')]),
    [
      [3, true],
      [4, true],
    ],
  );
});

test('errors about anything else stay as they are', async () => {
  const { plan } = await chooseLens({ ...NOTHING_ASKED, lens: path }, store, (look) => look());
  const error = new LensError('usage', 'other', { fix: 'Do this.' });
  await assert.rejects(
    withPlaceInErrors(plan, () => Promise.reject(error)),
    (thrown) => thrown === error,
  );
});
