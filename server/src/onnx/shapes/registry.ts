/** The table of shape rules, one per operator of the standard domain; complete when loaded, then frozen. */
import { arrangingRules } from './arranging';
import { broadcastingRules } from './broadcasting';
import { controlRules } from './control';
import { convolutionRules } from './convolution';
import { dropoutRules } from './dropout';
import { poolingRules } from './pooling';
import { productRules } from './products';
import { reductionRules } from './reduction';
import { reshapingRules } from './reshaping';
import { resizeRules } from './resize';
import { sameShapeRules } from './same-shape';
import { selectingRules } from './selecting';
import type { ShapeRule } from './shape-rule';
import { sourceRules } from './sources';

/** @throws Error if two rules are for the same operator. */
export function tableOf(rules: readonly ShapeRule[]): ReadonlyMap<string, ShapeRule> {
  const table = new Map<string, ShapeRule>();
  for (const rule of rules) {
    if (table.has(rule.opType)) throw new Error(`"${rule.opType}" has two shape rules.`);
    table.set(rule.opType, rule);
  }
  return table;
}

export const shapeRules: ReadonlyMap<string, ShapeRule> = tableOf([
  ...sameShapeRules,
  ...dropoutRules,
  ...broadcastingRules,
  ...convolutionRules,
  ...poolingRules,
  ...productRules,
  ...reductionRules,
  ...reshapingRules,
  ...arrangingRules,
  ...selectingRules,
  ...sourceRules,
  ...resizeRules,
  ...controlRules,
]);
