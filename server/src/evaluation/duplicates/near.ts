/**
 * Pictures of a set that are nearly the same: difference hashes that differ in at most 4 of 64 bits, or the same file. Pictures near the same picture
 * are in the same group. Hashes with very few set or unset bits belong to uniform pictures: for these only the same file counts.
 */
import type { DuplicateSummary } from '../../../../protocol/evaluation';
import type { Row } from '../row';

export const MOST_DISTANCE = 4;
/** Two hashes that differ in at most 4 bits agree in one of 5 parts. */
const PARTS = [0, 13, 26, 39, 52, 64] as const;
const MOST_IN_BUCKET = 4_000;
const MOST_GROUPS = 100;
const MOST_IN_GROUP = 20;

/** Folders that should not share a picture. */
const SPLIT = /^(train|training|val|valid|validation|dev|test|testing|eval|holdout)$/i;

interface Seen {
  readonly row: number;
  readonly path: string;
  readonly label: string | null;
}

/** All pictures with one hash, or of one file where they are uniform. */
interface Kind {
  readonly hash: bigint | null;
  readonly pictures: Seen[];
  /** The kind that stands for its group; itself at first. */
  into: Kind;
  /** Bits between this one and the furthest that was joined with it. */
  distance: number;
}

export class NearDuplicates {
  private readonly kinds = new Map<string, Kind>();

  add({ index: row, path, label, dhash, sha256 }: Row): void {
    if (typeof dhash !== 'string' || sha256 === null || !/^[0-9a-f]{16}$/.test(dhash)) return;
    const hash = BigInt(`0x${dhash}`);
    const set = bitsIn(hash);
    const isEven = set <= MOST_DISTANCE || set >= 64 - MOST_DISTANCE;
    const key = isEven ? sha256 : dhash;
    let kind = this.kinds.get(key);
    if (kind === undefined) {
      kind = { hash: isEven ? null : hash, pictures: [], distance: 0 } as unknown as Kind;
      kind.into = kind;
      this.kinds.set(key, kind);
    }
    kind.pictures.push({ row, path, label });
  }

  /** Null where no picture has a hash. */
  found(): DuplicateSummary | null {
    if (this.kinds.size === 0) return null;
    const complete = this.join();
    const groups = new Map<Kind, { pictures: Seen[]; distance: number }>();
    for (const kind of this.kinds.values()) {
      const root = rootOf(kind);
      const group = groups.get(root) ?? { pictures: [], distance: 0 };
      groups.set(root, group);
      group.pictures.push(...kind.pictures);
      group.distance = Math.max(group.distance, kind.distance);
    }
    const all = [...groups.values()]
      .filter(({ pictures }) => pictures.length > 1)
      .map(described)
      .sort(byWeight);
    return {
      ...{ groups: all.length, pictures: all.reduce((sum, { count }) => sum + count, 0), complete },
      conflicting: all.filter(({ conflicting }) => conflicting).length,
      across: all.filter(({ across }) => across).length,
      first: all.slice(0, MOST_GROUPS),
    };
  }

  /** @returns false if some pairs were not compared */
  private join(): boolean {
    const kinds = [...this.kinds.values()].filter(({ hash }) => hash !== null);
    let complete = true;
    for (let part = 0; part + 1 < PARTS.length; part++) {
      const [from = 0, to = 0] = [PARTS[part], PARTS[part + 1]];
      const buckets = new Map<bigint, Kind[]>();
      for (const kind of kinds) {
        const key = BigInt.asUintN(to - from, (kind.hash ?? 0n) >> BigInt(from));
        const bucket = buckets.get(key);
        if (bucket === undefined) buckets.set(key, [kind]);
        else bucket.push(kind);
      }
      for (const bucket of buckets.values()) {
        complete &&= bucket.length <= MOST_IN_BUCKET;
        if (bucket.length <= MOST_IN_BUCKET) bucket.forEach((one, at) => joinWith(one, bucket, at + 1));
      }
    }
    return complete;
  }
}

function joinWith(one: Kind, others: readonly Kind[], from: number): void {
  for (let at = from; at < others.length; at++) {
    const other = others[at] as Kind;
    const distance = bitsIn((one.hash ?? 0n) ^ (other.hash ?? 0n));
    if (distance > MOST_DISTANCE) continue;
    rootOf(one).into = rootOf(other);
    one.distance = Math.max(one.distance, distance);
  }
}

function rootOf(kind: Kind): Kind {
  let root = kind;
  while (root.into !== root) root = root.into;
  kind.into = root;
  return root;
}

function bitsIn(value: bigint): number {
  let count = 0;
  for (const half of [Number(value & 0xffffffffn), Number(value >> 32n)]) {
    let bits = half - ((half >>> 1) & 0x55555555);
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

type Group = DuplicateSummary['first'][number];

function described({
  pictures,
  distance,
}: {
  readonly pictures: readonly Seen[];
  readonly distance: number;
}): Group {
  const sorted = pictures.toSorted((a, b) => a.row - b.row);
  const labels = new Set(sorted.flatMap(({ label }) => label ?? []));
  const splits = new Set(sorted.map(({ path }) => splitOf(path)));
  return {
    ...{ count: sorted.length, distance, conflicting: labels.size > 1, across: splits.size > 1 },
    pictures: sorted.slice(0, MOST_IN_GROUP),
  };
}

const splitOf = (path: string): string | null =>
  path
    .split('/')
    .slice(0, -1)
    .find((folder) => SPLIT.test(folder))
    ?.toLowerCase() ?? null;

/** Sorts groups that spoil an evaluation first: across training and test folders, and with different labels. */
const byWeight = (a: Group, b: Group): number =>
  weight(b) - weight(a) || a.distance - b.distance || (a.pictures[0]?.row ?? 0) - (b.pictures[0]?.row ?? 0);

const weight = ({ across, conflicting }: Group): number => (across ? 2 : 0) + (conflicting ? 1 : 0);
