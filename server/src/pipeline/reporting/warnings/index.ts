/** All warnings of a report, computed from its own numbers, group by group. */
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
 * Every warning that applies to what is known so far, always in the same order: edits by hand, losses
 * in decoding, then the rules above.
 * @param notes what the image reader dropped on the way to plain RGB
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
