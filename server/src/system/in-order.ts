/** A bounded number of things at once, their outcomes in the order in which they were given. */

/**
 * Starts `work` on the items one after another, at most `limit` of them at a time, and yields what it returns
 * in the order of the items. An outcome counts as in progress until it has been yielded, so that a slow first
 * item never lets more than `limit` outcomes pile up behind it. Once the signal is aborted nothing more is
 * started; what is under way is still waited for and yielded.
 * @param work must not throw
 */
export async function* inOrder<Item, Outcome>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Outcome>,
  signal: AbortSignal,
): AsyncGenerator<Outcome, void, undefined> {
  const underWay: Promise<Outcome>[] = [];
  let next = 0;
  for (;;) {
    for (; next < items.length && underWay.length < limit && !signal.aborted; next++)
      underWay.push(work(items[next] as Item, next));
    const first = underWay[0];
    if (first === undefined) return;
    const outcome = await first;
    void underWay.shift(); // only now may the next one begin
    yield outcome;
  }
}
