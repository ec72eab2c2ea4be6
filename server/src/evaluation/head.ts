/** What decides the rows of an evaluation, compared when one is continued and when shards are merged. */
import { createHash } from 'node:crypto';
import type { PictureSet } from './labels/entry';
import type { TableHead } from './row';
import type { Shard } from './shard';

/** The head of a table, and which rows it has. */
export interface PartHead {
  readonly head: TableHead;
  /** Null for the whole set. */
  readonly shard: Shard | null;
}

export function digestOf({ entries }: PictureSet, indexOf: (label: string) => number): TableHead['set'] {
  const hash = createHash('sha256');
  for (const { path, label } of entries)
    hash.update(`${JSON.stringify([path, label, label === null ? null : indexOf(label)])}\n`);
  return { count: entries.length, sha256: hash.digest('hex') };
}

/** The first thing that differs, in words; null where nothing does. */
export function difference(a: TableHead, b: TableHead): string | null {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof TableHead>) {
    if (key === 'lens') {
      const [first] = changedValues(a, b);
      if (first !== undefined) return first;
      continue;
    }
    const [one, other] = [textOf(a[key]), textOf(b[key])];
    if (key === 'set' && one !== other) return setsDiffer(a.set, b.set);
    if (key === 'model' && one !== other) return modelsDiffer(a.model, b.model);
    if (one !== other) return `${key} (${short(one ?? 'none')} and ${short(other ?? 'none')})`;
  }
  return null;
}

function modelsDiffer(a: TableHead['model'], b: TableHead['model']): string {
  if (a.sha256 !== b.sha256) return `weights (SHA-256 ${a.sha256} and ${b.sha256})`;
  if (a.name !== b.name) return `model's name (${short(a.name)} and ${short(b.name)})`;
  if (a.architecture !== b.architecture) return `architecture (${a.architecture} and ${b.architecture})`;
  return `weights (other files beside ${short(a.name)} that hold them)`;
}

const setsDiffer = (a: TableHead['set'], b: TableHead['set']): string =>
  a.count === b.count ? `pictures or labels (both have ${a.count})` : `pictures (${a.count} and ${b.count})`;

function changedValues(a: TableHead, b: TableHead): readonly string[] {
  const valuesOf = ({ lens }: TableHead): ReadonlyMap<string, string> =>
    new Map(lens.map(({ key, value }) => [key, JSON.stringify(value)] as const));
  const [ones, others] = [valuesOf(a), valuesOf(b)];
  return [...new Set([...ones.keys(), ...others.keys()])].flatMap((key) => {
    const [one = 'nothing', other = 'nothing'] = [ones.get(key), others.get(key)];
    return one === other ? [] : [`lens's ${key} (${short(one)} and ${short(other)})`];
  });
}

/** Undefined of what a head leaves out. */
const textOf = (value: unknown): string | undefined => JSON.stringify(value);

const short = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}...`);
