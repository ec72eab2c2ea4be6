/** JSON that survives numbers which are not finite. */

/**
 * Indented JSON with a line break at its end. JSON has no NaN and no infinities, and `JSON.stringify` would write
 * null for them, which reads as "no value": they are spelled out as strings, as `Real` in the protocol says.
 */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, spellOut, 2)}\n`;
}

function spellOut(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
