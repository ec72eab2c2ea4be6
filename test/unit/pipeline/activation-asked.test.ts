/** The report says who chose what makes probabilities of the outputs: an option, the line of a lens, or a file of the model's writer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askedBy,
  chosenActivation,
  describeActivation,
  ofLogits,
  THRESHOLD,
} from '../../../server/src/pipeline/network/activation';

const described = (activation: Parameters<typeof askedBy>[0], by: string): string =>
  describeActivation(askedBy(activation, by), 3, ['a', 'b', 'c'], THRESHOLD).description;

test('an option is what was requested; a lens and a file are named', () => {
  const chosen = chosenActivation('softmax', 3);
  assert.match(described(chosen, 'as requested'), /softmax of the logits: as requested\./);
  assert.match(described(chosen, '/m/a.lens.json:3:4'), /logits: as \/m\/a\.lens\.json:3:4 says\./);
  assert.match(
    described(chosenActivation('sigmoid', 3), 'problem_type of /m/config.json'),
    /sigmoid of each logit: as problem_type of \/m\/config\.json says\. Every class/,
  );
});

test('what was read from the network keeps its own reason', () => {
  const read = ofLogits(3, 'architecture', 'timm/x ends in logits');
  assert.match(described(read, '/m/a.lens.json:3:4'), /logits: timm\/x ends in logits\./);
});
