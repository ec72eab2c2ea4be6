/** Seeded random numbers for tests: the seed is printed with every failure and can be set from outside. */

/** LENS_TEST_SEED varies the random inputs; the default keeps runs repeatable. */
export const testSeed = Number(process.env['LENS_TEST_SEED'] ?? '1');

/** mulberry32: uniform in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed that differs from case to case. */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5 ^ testSeed;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
