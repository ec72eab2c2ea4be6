/** Two things at once. */

/** Waits for both even if one of them fails, so that neither goes on where what it works on is removed. @throws what the first threw, or else the second */
export async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  await Promise.allSettled([one, other]);
  await one;
  await other;
}
