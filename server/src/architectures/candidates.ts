/** The networks that a file may hold: those it agrees with, or the closest. Only what can be either is compared. */
import { isSame } from './difference';
import type { Parameters } from './difference';
import { sameDims } from '../onnx/dims';
import { fitNetwork } from './fit';
import type { Fit } from './fit';
import type { Recognizer } from './registry';
import type { Shapes } from './state-dict';
import type { Place } from './wrapper';
import { commonPrefix, placeOf } from './wrapper';

export interface Candidate extends Fit {
  /** False where the file holds several copies of the network and nothing tells which is meant. */
  readonly clear: boolean;
}

interface Contender {
  readonly recognizer: Recognizer;
  readonly expected: Parameters;
  readonly at: Place;
  /** The agreement is at most this. */
  readonly most: number;
}

/** What a comparison with some networks can be asked for. */
export interface Candidates {
  /** The networks that the file holds, in the order given. */
  exact(): readonly Candidate[];
  /** The first of those with the highest agreement; null where none reaches the least that counts. */
  closest(): Candidate | null;
  /** The first whose names are the file's, with other shapes: a network that was pruned or made with other widths. */
  namesake(): Candidate | null;
}

/**
 * @param least agreement that counts
 * @param anchored whether the file holds the anchor of each of these
 */
export function candidatesAmong(
  recognizers: readonly Recognizer[],
  shapes: Shapes,
  { least, anchored }: { readonly least: number; readonly anchored: boolean },
): Candidates {
  const fallback: Place = { prefix: commonPrefix([...shapes.keys()]), copies: [], clear: true };
  const reachable = (shapes.size + MOST_OF_HEADS) / least;
  const placed = recognizers
    .filter((recognizer) => anchored || !recognizer.hasMoreThan(reachable))
    .map((recognizer): Contender => {
      const expected = recognizer.expected();
      const at =
        (anchored ? placeOf(recognizer.anchor, trunkOf(recognizer, expected), shapes) : null) ?? fallback;
      return { recognizer, expected, at, most: mostAgreement(recognizer, expected, shapes, at.prefix) };
    });
  const contenders = placed.filter(({ most }) => most >= least);
  const fit = ({ recognizer, expected, at }: Contender): Candidate => ({
    ...fitNetwork(recognizer, expected, shapes, at),
    clear: at.clear,
  });
  return {
    exact: () =>
      contenders
        .filter(({ most }) => most === 1)
        .map(fit)
        .filter(({ difference, headProblem }) => isSame(difference) && headProblem === null),
    closest: () => closestOf(contenders, fit, least),
    namesake() {
      for (const contender of placed) {
        const { expected, at } = contender;
        if (!trunkOf(contender.recognizer, expected).every((name) => shapes.has(at.prefix + name))) continue;
        const candidate = fit(contender);
        const { missing, unexpected } = candidate.difference;
        if (missing.length + unexpected.length === 0) return candidate;
      }
      return null;
    },
  };
}

/** The first with the highest agreement, of at least `least`. */
function closestOf(
  contenders: readonly Contender[],
  fit: (contender: Contender) => Candidate,
  least: number,
): Candidate | null {
  let best: Candidate | null = null;
  let [highest, place] = [least, contenders.length];
  const order = contenders.map((contender, index) => ({ contender, index }));
  order.sort((a, b) => b.contender.most - a.contender.most || a.index - b.index);
  for (const { contender, index } of order) {
    if (contender.most < highest) break;
    const candidate = fit(contender);
    const { agreement } = candidate.difference;
    if (agreement < highest || (agreement === highest && index > place)) continue;
    [best, highest, place] = [candidate, agreement, index];
  }
  return best;
}

const rootOf = ({ head }: Recognizer): string | null => (head === null ? null : `${head.root}.`);

function trunkOf(recognizer: Recognizer, { shapes }: Parameters): readonly string[] {
  const root = rootOf(recognizer);
  return [...shapes.keys()].filter((name) => root === null || !name.startsWith(root));
}

/** Weight and bias, of two heads where there are two. */
const MOST_OF_HEADS = 4;

/**
 * At least the share that `compareParameters` finds. Outside the head, which files may replace, a name agrees only where the file holds it
 * behind the prefix; all names of the head are taken to agree.
 */
function mostAgreement(recognizer: Recognizer, expected: Parameters, shapes: Shapes, prefix: string): number {
  const root = rootOf(recognizer);
  const second = recognizer.head?.second;
  let [certain, found] = [0, 0];
  for (const [name, shape] of expected.shapes) {
    if ((root !== null && name.startsWith(root)) || (second !== undefined && name.startsWith(`${second}.`)))
      continue;
    certain++;
    const other = shapes.get(prefix + name);
    if (other !== undefined && sameDims(shape, other)) found++;
  }
  return (found + MOST_OF_HEADS) / (certain + MOST_OF_HEADS);
}
