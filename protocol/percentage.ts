/** How a share is written: as a percentage with one decimal, which never says "none" or "all" of what is neither. */

/** A share that would be rounded to 0.0% or 100.0% is only said to lie below the least or above the greatest that can be written. */
export function writtenShare(share: number): { readonly sign: '' | '<' | '>'; readonly share: number } {
  if (share > 0 && share < 0.0005) return { sign: '<', share: 0.001 };
  if (share >= 0.9995 && share < 1) return { sign: '>', share: 0.999 };
  return { sign: '', share };
}

/** @param share 0..1 @returns such as `71.7%`, `<0.1%` or `>99.9%` */
export function percentage(share: number): string {
  const written = writtenShare(share);
  return `${written.sign}${(100 * written.share).toFixed(1)}%`;
}
