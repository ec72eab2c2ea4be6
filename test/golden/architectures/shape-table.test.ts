/** EfficientNet-B5 at 380x380 reports the layers of the reference, and the table that says so is the reference's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededClassifier } from '../../../server/src/architectures/classifier';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { referenceRows, rowsOfReference } from '../../support/reference-layers';

test('B5 reports the layers of the reference', async () => {
  const network = await seededClassifier(findArchitecture('efficientnet_pytorch/b5')!, {
    classes: 2,
    inputSize: 380,
  });
  assert.deepEqual(
    network.layers.map(({ name, shape }) => `${name} (${shape.join(', ')})`),
    referenceRows,
  );
});

test('the table is the reference report’s', (context) => {
  const rows = rowsOfReference(context);
  if (rows !== null) assert.deepEqual(rows, referenceRows);
});
