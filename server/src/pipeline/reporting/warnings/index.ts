/** What a reader of the report must know; computed from the report's own numbers, group by group. */
import type { WarningReport } from '../../../../../protocol/report';
import type { DecodeNote } from '../../../imaging/decode';
import { classifierRules } from './classifier';
import { faceRules } from './face';
import { inputRules } from './input';
import { layersRules } from './layers';
import { machineRules } from './machine';
import { modelRules } from './model';
import { preprocessingRules } from './preprocessing';
import type { Facts, Rule } from './rule';
import { warn } from './rule';

const rules = [
  ...classifierRules,
  ...modelRules,
  ...machineRules,
  ...faceRules,
  ...preprocessingRules,
  ...layersRules,
];

/**
 * Every warning that applies to what is known, in the same order however much that is: that it is not about the file, what was lost
 * while decoding, then the rules above.
 * @param notes what the image reader left out on the way to plain RGB
 */
export function computeWarnings(
  known: Partial<Facts>,
  notes: readonly DecodeNote[],
): readonly WarningReport[] {
  const { model } = known;
  const facts: Partial<Facts> = { ...(model ? { untrained: model.untrained } : {}), ...known };
  const found = (asked: readonly Rule[]) =>
    asked
      .filter(({ needs }) => needs.every((need) => facts[need] !== undefined))
      .flatMap(({ find }) => find(facts as Facts) ?? []);
  return [...found(inputRules), ...notes.map(({ code, message }) => warn(code, message)), ...found(rules)];
}
