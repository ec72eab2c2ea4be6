/** Types of check.mjs. */
import type { Target } from './targets.mjs';
export const largest: number;
export function problems(
  entries: readonly { readonly name: string; readonly read: () => Buffer }[],
  size: number,
  target: Target,
): string[];
