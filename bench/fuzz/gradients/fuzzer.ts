/** Random operators and graphs of them: the gradients of every input against central differences, shapes against the runtime. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LensError } from '../../../server/src/errors';
import type { Model } from '../../../server/src/onnx/model';
import { readModel } from '../../../server/src/onnx/read';
import { encodeModel } from '../../../server/src/onnx/write';
import type { Fuzzer, Outcome } from '../kind';
import { Random } from '../random';
import { compareWithDifferences, type Verdict } from './compare';
import { Draft, feedsFor } from './draft';
import { recipes } from './operators';

/** Every second case is one operator, the others are graphs of up to this many. */
const MOST_NODES = 10;

/** Points at which a disagreement must be found: near a kink or a tie of float32 there is one without a fault. */
const POINTS = 5;

const OPSETS = [11, 12, 13, 14, 17, 18, 19, 20, 21];

export function openGradientFuzzer(): Promise<Fuzzer> {
  return Promise.resolve({
    make(random, folder) {
      const { model, sample } = draw(random);
      const path = join(folder, 'model.onnx');
      writeFileSync(path, encodeModel(model));
      return Promise.resolve({ sample, path });
    },
    attempt: async ({ path }) => outcomeOf(await judge(await readModel(path))),
  });
}

/** A model and the operators it was made from. A recipe that does not fit what there is is left out. */
export function draw(random: Random): { readonly model: Model; readonly sample: string } {
  const opset = random.pick(OPSETS);
  const names = Object.keys(recipes).filter((name) => (recipes[name]?.[0] ?? Infinity) <= opset);
  const draft = new Draft(random, opset);
  const steps = random.below(2) === 0 ? 1 : 2 + random.below(MOST_NODES - 1);
  const used: string[] = [];
  for (let step = 0; step < steps; step++) {
    const name = random.pick(names);
    try {
      recipes[name]?.[1](draft);
      used.push(name);
    } catch (thrown) {
      // An attribute that contradicts the shapes, such as a window that is larger than its input.
      if (!(thrown instanceof LensError)) throw thrown;
      break;
    }
  }
  return { model: draft.model(), sample: `opset ${opset}: ${used.join(', ')}` };
}

/** A disagreement counts where it is found at several points. */
export async function judge(model: Model): Promise<Verdict> {
  let verdict: Verdict = { is: 'not run', by: 'nothing was tried' };
  for (let point = 0; point < POINTS; point++) {
    const random = new Random(0x5eed, point);
    verdict = await compareWithDifferences(model, feedsFor(model, random), random);
    if (verdict.is !== 'wrong') return verdict;
  }
  return verdict;
}

function outcomeOf(verdict: Verdict): Outcome {
  switch (verdict.is) {
    case 'right':
      return { outcome: 'right', accepted: true, broken: false };
    case 'wrong':
      return { outcome: verdict.what, accepted: true, broken: true };
    default:
      return { outcome: `${verdict.is}: ${general(verdict.by)}`, accepted: false, broken: false };
  }
}

/** The reason without names and numbers. */
const general = (reason: string): string =>
  reason
    .replace(/[[(]?-?\d[\d., x]*[\])]?/g, '#')
    .replace(/"[^"]*"|'[^']*'/g, '"..."')
    .slice(0, 200);
