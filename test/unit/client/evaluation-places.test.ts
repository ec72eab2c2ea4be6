/** Where the editor's evaluations lie, and what their tabs are titled with. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { EvaluationPlaces, setName } from '../../../client/src/sets/places';

test('two sets of one name lie apart, and both are titled with it', () => {
  const places = new EvaluationPlaces('/storage/evaluations');
  const [one, other] = ['/a/my set', '/b/my set'].map((source) => places.outputFor({ source, options: {} }));
  assert.ok(one !== undefined && other !== undefined);
  assert.notEqual(one, other);
  for (const output of [one, other]) assert.equal(setName(join(output, 'evaluation')), 'my-set');
  assert.equal(setName('/elsewhere/out/evaluation'), 'out');
});
