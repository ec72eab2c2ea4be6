/** The table of gradient rules: one rule per operator and opset range, complete before it is used, then frozen. */
import type { Rule } from './rule';

export class RuleRegistry {
  private readonly rules = new Map<string, Rule[]>();
  private frozen = false;

  /** @throws Error if the operator already has a rule that starts at the same opset, or after `freeze`. */
  register(rule: Rule): this {
    if (this.frozen) throw new Error(`The rule table is frozen; "${rule.opType}" comes too late.`);
    const known = this.rules.get(rule.opType) ?? [];
    if (known.some((other) => other.since === rule.since)) {
      throw new Error(`"${rule.opType}" already has a gradient rule since opset ${rule.since}.`);
    }
    this.rules.set(
      rule.opType,
      [...known, rule].sort((a, b) => b.since - a.since),
    );
    return this;
  }

  freeze(): this {
    this.frozen = true;
    return this;
  }

  /** The rule that defines the operator at this opset: the newest one not newer than it. */
  lookup(opType: string, opset: number): Rule | undefined {
    return this.rules.get(opType)?.find((rule) => rule.since <= opset);
  }

  all(): readonly Rule[] {
    return [...this.rules.values()].flat();
  }
}
