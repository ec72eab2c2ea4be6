/** How a share is written: as a percentage, which never says "none" or "all" of what is neither. */

/** A share that would round to 0% or 100% is written as less than the smallest or more than the largest that the decimals can show. */
export function writtenShare(
  share: number,
  decimals = 1,
): { readonly sign: '' | '<' | '>'; readonly share: number } {
  const least = 10 ** -(2 + decimals);
  if (share > 0 && share < least / 2) return { sign: '<', share: least };
  if (share >= 1 - least / 2 && share < 1) return { sign: '>', share: 1 - least };
  return { sign: '', share };
}

/** @param share 0..1 @returns such as `71.7%`, `<0.1%` or `>99.9%` */
export function percentage(share: number, decimals = 1): string {
  const written = writtenShare(share, decimals);
  return `${written.sign}${(100 * written.share).toFixed(decimals)}%`;
}
