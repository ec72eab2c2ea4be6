/**
 * Pictures of a set that are nearly the same: difference hashes that differ in at most 4 of 64 bits, or the same file. Pictures near the same picture
 * are in the same group. Hashes with very few set or unset bits belong to uniform pictures: for these only the same file counts.
 */
import type { DuplicateSummary } from '../../../../protocol/evaluation';
import { integers, Names, reals } from '../compact';
import type { Row } from '../row';
import { bucketsOf, Groups } from './groups';

export const MOST_DISTANCE = 4;
/** Two hashes that differ in at most 4 bits agree in one of 5 parts. */
const PARTS = [0, 13, 26, 39, 52, 64] as const;
const MOST_IN_BUCKET = 4_000;
const MOST_GROUPS = 100;
const MOST_IN_GROUP = 20;

/** Folders that should not share a picture. */
const SPLIT = /^(train|training|val|valid|validation|dev|test|testing|eval|holdout)$/i;

/** Pictures by number, in the order in which they were added; a group is the tree of a number. */
export class NearDuplicates {
  private readonly rows = reals();
  private readonly paths = integers();
  /** In `labelNames`, from 1; 0 for none. */
  private readonly labels = integers();
  private readonly high = integers();
  private readonly low = integers();
  private readonly labelNames: string[] = [];
  private readonly labelNumbers = new Map<string, number>();
  /** The first picture of each file that is uniform, and pairs of others with theirs. */
  private readonly uniform = new Map<string, number>();
  private readonly sameFile = integers();
  private readonly isUniform = integers();

  /** @param names to which the paths are added */
  constructor(private readonly names = new Names()) {}

  add({ index, path, label, dhash, sha256 }: Row): void {
    if (typeof dhash !== 'string' || sha256 === null || !/^[0-9a-f]{16}$/.test(dhash)) return;
    const [high, low] = [parseInt(dhash.slice(0, 8), 16), parseInt(dhash.slice(8), 16)];
    const set = bitsIn(high) + bitsIn(low);
    const isUniform = set <= MOST_DISTANCE || set >= 64 - MOST_DISTANCE;
    const picture = this.rows.length;
    this.rows.push(index);
    this.paths.push(this.names.add(path));
    this.labels.push(label === null ? 0 : this.labelNumber(label));
    this.high.push(high);
    this.low.push(low);
    this.isUniform.push(isUniform ? 1 : 0);
    if (!isUniform) return;
    const first = this.uniform.get(sha256);
    if (first === undefined) this.uniform.set(sha256, picture);
    else [first, picture].forEach((each) => this.sameFile.push(each));
  }

  /** Null where no picture has a hash. */
  found(): DuplicateSummary | null {
    const { length } = this.rows;
    if (length === 0) return null;
    const { groups, complete } = this.join();
    const members = new Map<number, number[]>();
    for (let picture = 0; picture < length; picture++) {
      const root = groups.rootOf(picture);
      if (groups.size(root) < 2) continue;
      const group = members.get(root);
      if (group === undefined) members.set(root, [picture]);
      else group.push(picture);
    }
    const all = [...members]
      .map(([root, pictures]) => this.described(pictures, groups.distance(root)))
      .sort(byWeight);
    return {
      ...{ groups: all.length, pictures: all.reduce((sum, { count }) => sum + count, 0), complete },
      conflicting: all.filter(({ conflicting }) => conflicting).length,
      across: all.filter(({ across }) => across).length,
      first: all.slice(0, MOST_GROUPS).map((group) => this.named(group)),
    };
  }

  private labelNumber(label: string): number {
    const found = this.labelNumbers.get(label) ?? this.labelNames.push(label);
    this.labelNumbers.set(label, found);
    return found;
  }

  /** @returns complete: false if some pairs were not compared */
  private join(): { readonly groups: Groups; readonly complete: boolean } {
    const groups = new Groups(this.rows.length);
    for (let at = 0; at < this.sameFile.length; at += 2)
      groups.join(this.sameFile.at(at), this.sameFile.at(at + 1), 0);
    const kinds = this.kinds(groups);
    let complete = true;
    for (let part = 0; part + 1 < PARTS.length; part++) {
      const [from = 0, to = 0] = [PARTS[part], PARTS[part + 1]];
      const buckets = bucketsOf(kinds, 1 << (to - from), (kind) => this.partOf(kind, from, to));
      for (const bucket of buckets) {
        complete &&= bucket.length <= MOST_IN_BUCKET;
        if (bucket.length <= MOST_IN_BUCKET) this.joinAll(bucket, groups);
      }
    }
    return { groups, complete };
  }

  /** One picture of each hash that is not uniform; the others are joined with it. */
  private kinds(groups: Groups): Uint32Array {
    const { high, low } = this;
    const order = Uint32Array.from({ length: this.rows.length }, (_, i) => i)
      .filter((picture) => this.isUniform.at(picture) === 0)
      .sort((a, b) => high.at(a) - high.at(b) || low.at(a) - low.at(b) || a - b);
    return order.filter((picture, at) => {
      const before = order[at - 1];
      if (before === undefined || high.at(before) !== high.at(picture) || low.at(before) !== low.at(picture))
        return true;
      groups.join(before, picture, 0);
      return false;
    });
  }

  /** Bits of a hash, from the lowest on. */
  private partOf(picture: number, from: number, to: number): number {
    const [high, low] = [this.high.at(picture), this.low.at(picture)];
    const bits = from >= 32 ? high >>> (from - 32) : (low >>> from) | (from === 0 ? 0 : high << (32 - from));
    return bits & ((1 << (to - from)) - 1);
  }

  private joinAll(bucket: Uint32Array, groups: Groups): void {
    bucket.forEach((one, at) => {
      const [high, low] = [this.high.at(one), this.low.at(one)];
      for (let next = at + 1; next < bucket.length; next++) {
        const other = bucket[next] as number;
        const distance = bitsIn(high ^ this.high.at(other)) + bitsIn(low ^ this.low.at(other));
        if (distance <= MOST_DISTANCE) groups.join(one, other, distance);
      }
    });
  }

  private described(pictures: readonly number[], distance: number): Unnamed {
    const members = pictures.toSorted((a, b) => this.rows.at(a) - this.rows.at(b));
    const labels = new Set(members.map((picture) => this.labels.at(picture)).filter((label) => label > 0));
    const splits = new Set(members.map((picture) => splitOf(this.path(picture))));
    const first = this.rows.at(members[0] ?? 0);
    return {
      ...{ count: members.length, distance, conflicting: labels.size > 1, across: splits.size > 1 },
      ...{ first, members: members.slice(0, MOST_IN_GROUP) },
    };
  }

  private named({ count, distance, conflicting, across, members }: Unnamed): Group {
    const pictures = members.map((picture) => ({
      row: this.rows.at(picture),
      path: this.path(picture),
      label: this.labelNames[this.labels.at(picture) - 1] ?? null,
    }));
    return { count, distance, conflicting, across, pictures };
  }

  private path(picture: number): string {
    return this.names.at(this.paths.at(picture));
  }
}

function bitsIn(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

type Group = DuplicateSummary['first'][number];

/** A group before its pictures are named, which few are. */
interface Unnamed extends Omit<Group, 'pictures'> {
  /** Row of the first picture. */
  readonly first: number;
  readonly members: readonly number[];
}

const splitOf = (path: string): string | null =>
  path
    .split('/')
    .slice(0, -1)
    .find((folder) => SPLIT.test(folder))
    ?.toLowerCase() ?? null;

/** Sorts groups that spoil an evaluation first: across training and test folders, and with different labels. */
const byWeight = (a: Unnamed, b: Unnamed): number =>
  weight(b) - weight(a) || a.distance - b.distance || a.first - b.first;

const weight = ({ across, conflicting }: Unnamed): number => (across ? 2 : 0) + (conflicting ? 1 : 0);
