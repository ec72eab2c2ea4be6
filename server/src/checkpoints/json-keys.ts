/** Finds duplicate keys in JSON objects, of which JSON.parse silently keeps the last. */

/**
 * Keys of all objects inside a parsed value. If there are fewer than colons outside strings, some key was a
 * duplicate.
 */
export function countKeys(value: object): number {
  let count = 0;
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) count += Object.keys(next).length;
    for (const item of Object.values(next) as unknown[]) open.push(item);
  }
  return count;
}

/** Colons outside strings. */
export function countColons(bytes: Buffer): number {
  let count = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) inString = !inString;
    else if (byte === 0x5c) i++;
    else if (byte === 0x3a && !inString) count++;
  }
  return count;
}
