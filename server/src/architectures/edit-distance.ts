/** Edit distance, to suggest the state-dict key that a misspelled one was meant to be. */

/** Longer names are not compared: they come from damaged or hostile files. */
const maxLength = 200;
const maxCandidates = 4000;

/** Insertions, deletions and substitutions that turn `a` into `b` (Levenshtein), one row at a time. */
export function editDistance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0] ?? 0;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      const substituted = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(above + 1, (row[j - 1] ?? 0) + 1, substituted);
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}

/** The candidate closest to `name`, or null if none shares at least two thirds of it. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > maxLength) return null;
  let best: string | null = null;
  let least = Math.floor(name.length / 3) + 1;
  let seen = 0;
  for (const candidate of candidates) {
    if (++seen > maxCandidates) break;
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}
