/** Logits to probabilities and label, against the reference report's classifier; and what is left undecided. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, labelAt } from '../../../server/src/pipeline/network/classify';

const softmax = { kind: 'softmax', probabilities: null } as const;
const sigmoid = { kind: 'sigmoid', probabilities: null } as const;
const none = { kind: 'none', probabilities: null } as const;
const of = (...logits: number[]) => ({ logits, probabilities: null });

const undecided = { probabilities: null, predicted: null };

test('the reference: logits 1.3757920265197754, -1.1783738136291504', () => {
  const { probabilities, predicted } = classify(of(1.3757920265197754, -1.1783738136291504), softmax);
  // The report prints float32 softmax: 0.9278528094291687, 0.07214711606502533.
  assert.ok(Math.abs((probabilities?.[0] ?? 0) - 0.9278528094291687) < 1e-7);
  assert.ok(Math.abs((probabilities?.[1] ?? 0) - 0.07214711606502533) < 1e-7);
  assert.equal(predicted, 0);
});

test('large logits do not overflow, ties go to the lower index', () => {
  assert.deepEqual(classify(of(1000, 1000), softmax), { probabilities: [0.5, 0.5], predicted: 0 });
});

for (const logits of [
  [NaN, 1],
  [1, NaN, 2],
  [NaN],
  [Infinity, 0],
  [Infinity],
  [-Infinity, -Infinity],
  [-Infinity],
])
  for (const activation of [softmax, sigmoid, none])
    test(`${logits.join(', ')} under ${activation.kind}: no label, no probability`, () => {
      assert.deepEqual(classify(of(...logits), activation), undecided);
    });

test('minus infinity rules a class out', () => {
  assert.deepEqual(classify(of(-Infinity, 3), softmax), { probabilities: [0, 1], predicted: 1 });
});

test('one logit is two classes; the last above the threshold', () => {
  assert.deepEqual(classify(of(0), sigmoid), { probabilities: [0.5, 0.5], predicted: 0 });
  assert.equal(classify(of(0.1), sigmoid).predicted, 1);
  const { probabilities, predicted } = classify(of(-0.9293), sigmoid);
  assert.ok(Math.abs((probabilities?.[1] ?? 0) - 0.2831) < 1e-4);
  assert.equal((probabilities?.[0] ?? 0) + (probabilities?.[1] ?? 0), 1);
  assert.equal(predicted, 0);
  assert.equal(classify(of(-0.9293), sigmoid, 0.25).predicted, 1, 'a threshold below it');
  assert.equal(classify(of(0.9), none, 0.95).predicted, 0, 'an output that is the probability');
});

test("the network's own probabilities are shown, also where they are logarithms", () => {
  const own = { tensor: 'p', log: false };
  const given = { logits: [2, 1], probabilities: [0.7, 0.3] };
  assert.deepEqual(classify(given, { kind: 'softmax', probabilities: own }), {
    probabilities: [0.7, 0.3],
    predicted: 0,
  });
  const logs = { logits: [-1], probabilities: [Math.log(0.25)] };
  const { probabilities } = classify(logs, { kind: 'sigmoid', probabilities: { tensor: 'p', log: true } });
  assert.deepEqual(
    probabilities?.map((p) => Math.round(p * 1e9) / 1e9),
    [0.75, 0.25],
  );
});

test('every label of its own; outputs outside 0..1 are not probabilities', () => {
  const { probabilities } = classify(of(0, 0, 0), sigmoid);
  assert.deepEqual(probabilities, [0.5, 0.5, 0.5]);
  assert.deepEqual(classify(of(3, 7), none), { probabilities: null, predicted: 1 });
});

test('classes without a name are numbered', () => {
  assert.equal(labelAt(['real', 'fake'], 1), 'fake');
  assert.equal(labelAt([], 7), 'class 7');
});
