/** softmax and label, against the reference report's classifier. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, labelAt } from '../../../server/src/pipeline/classify';

test('the reference: logits 1.3757920265197754, -1.1783738136291504', () => {
  const { probabilities, predicted } = classify([1.3757920265197754, -1.1783738136291504]);
  // The report prints float32 softmax: 0.9278528094291687, 0.07214711606502533.
  assert.ok(Math.abs((probabilities[0] ?? 0) - 0.9278528094291687) < 1e-7);
  assert.ok(Math.abs((probabilities[1] ?? 0) - 0.07214711606502533) < 1e-7);
  assert.equal(predicted, 0);
});

test('large logits do not overflow, ties go to the lower index', () => {
  assert.deepEqual(classify([1000, 1000]), { probabilities: [0.5, 0.5], predicted: 0 });
});

test('NaN stays visible', () => {
  assert.ok(classify([NaN, 1]).probabilities.every(Number.isNaN));
});

test('a single logit is a sigmoid', () => {
  assert.deepEqual(classify([0]), { probabilities: [0.5], predicted: 0 });
});

test('classes without a name are numbered', () => {
  assert.equal(labelAt(['real', 'fake'], 1), 'fake');
  assert.equal(labelAt([], 7), 'class 7');
});
