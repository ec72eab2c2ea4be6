/** Tells from a state dict's names and shapes which network it belongs to. */
import { basename } from 'node:path';
import { LensError } from '../errors';
import type { Difference } from './difference';
import { compareParameters, describeDifference, dims, isSame, listed } from './difference';
import { nearestName } from './edit-distance';
import type { Recogniser } from './registry';
import { recognisers as all, supported } from './recognisers';
import type { Shape, Shapes, StateDict } from './state-dict';
import { shapesOf, withoutPrefix } from './state-dict';
import { commonPrefix, prefixBefore } from './wrapper';

export interface RecogniseOptions {
  /** The file, for messages; its name also decides between architectures that share names and shapes. */
  readonly source: string;
  /** The architecture's id, when the user names it. */
  readonly architecture?: string;
  /** Those to choose from; all by default. */
  readonly recognisers?: readonly Recogniser[];
}

export interface Recognition {
  readonly id: string;
  readonly task: Recogniser['task'];
  /** What stands before the network's names in the file: '' or `net.`, `module.model.`, ... */
  readonly prefix: string;
  /** The file's tensors under the network's own names. */
  readonly stateDict: StateDict;
  /** What the reader of a report should know: choices that the file could not decide. */
  readonly notes: readonly string[];
}

interface Candidate {
  readonly recogniser: Recogniser;
  readonly prefix: string;
  readonly difference: Difference;
}

/** Below this share of agreeing names a file is not called a damaged copy of an architecture, but unknown. */
const closeEnough = 0.5;

/**
 * The architecture whose parameters are exactly the file's. Throws a `model` error otherwise: what differs from the
 * closest architecture, or, if none is close, what the file holds and what is supported.
 */
export function recognise(stateDict: StateDict, options: RecogniseOptions): Recognition {
  const { source } = options;
  const shapes = shapesOf(stateDict);
  const candidates = candidatesFor(shapes, chosen(options));
  const exact = candidates.filter(({ difference }) => isSame(difference));
  const match = exact.length > 1 ? namedLike(source, exact) : exact[0];
  if (match !== undefined) {
    const { recogniser, prefix } = match;
    return {
      id: recogniser.id,
      task: recogniser.task,
      prefix,
      stateDict: withoutPrefix(stateDict, prefix),
      notes: exact.length > 1 ? [ambiguity(recogniser.id, exact)] : [],
    };
  }
  const closest = candidates.reduce<Candidate | undefined>(
    (best, next) => (best && best.difference.agreement >= next.difference.agreement ? best : next),
    undefined,
  );
  if (closest && (options.architecture !== undefined || closest.difference.agreement >= closeEnough))
    throw mismatch(source, closest);
  throw unknown(source, shapes);
}

/** The recognisers to try: all, or the one that the user named. */
function chosen(options: RecogniseOptions): readonly Recogniser[] {
  const { architecture, recognisers = all } = options;
  if (architecture === undefined) return recognisers;
  const named = recognisers.filter(({ id }) => id === architecture);
  if (named.length > 0) return named;
  const ids = recognisers.map(({ id }) => id);
  const nearest = nearestName(architecture, ids);
  throw new LensError('usage', `There is no architecture "${architecture}".`, {
    fix: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Known are ${ids.join(', ')}.`,
  });
}

/** Compares the file with every recogniser whose anchor it holds; with all of them when it holds no anchor. */
function candidatesFor(shapes: Shapes, recognisers: readonly Recogniser[]): readonly Candidate[] {
  const prefixes = new Map<string, string | null>();
  for (const { anchor } of recognisers)
    if (!prefixes.has(anchor)) prefixes.set(anchor, prefixBefore(anchor, shapes.keys()));
  const anchored = recognisers.filter(({ anchor }) => prefixes.get(anchor) !== null);
  const fallback = commonPrefix([...shapes.keys()]);
  const unwrapped = new Map<string, { inside: Map<string, Shape>; outside: string[] }>();
  return (anchored.length > 0 ? anchored : recognisers).map((recogniser) => {
    const prefix = prefixes.get(recogniser.anchor) ?? fallback;
    let parts = unwrapped.get(prefix);
    if (parts === undefined) unwrapped.set(prefix, (parts = split(shapes, prefix)));
    const difference = compareParameters(recogniser.expected(parts.inside), parts.inside, parts.outside);
    return { recogniser, prefix, difference };
  });
}

function split(shapes: Shapes, prefix: string): { inside: Map<string, Shape>; outside: string[] } {
  const inside = new Map<string, Shape>();
  const outside: string[] = [];
  for (const [name, shape] of shapes)
    if (name.startsWith(prefix)) inside.set(name.slice(prefix.length), shape);
    else outside.push(name);
  return { inside, outside };
}

/** The candidate whose name stands in the file's name (the longest such), else the first. */
function namedLike(source: string, candidates: readonly Candidate[]): Candidate | undefined {
  const file = basename(source).toLowerCase();
  const variant = ({ recogniser }: Candidate) => recogniser.id.slice(recogniser.id.indexOf('/') + 1);
  const named = candidates.filter((candidate) => file.includes(variant(candidate)));
  const [longest] = named.sort((a, b) => variant(b).length - variant(a).length);
  return longest ?? candidates[0];
}

function ambiguity(id: string, exact: readonly Candidate[]): string {
  const others = exact.map(({ recogniser }) => recogniser.id).filter((other) => other !== id);
  return (
    `The weights fit ${[id, ...others].join(' and ')}, which compute different things with the same tensors; ` +
    `${id} was assumed. If the network was another one, name it as the architecture.`
  );
}

function mismatch(source: string, { recogniser, prefix, difference }: Candidate): LensError {
  const wrapped = prefix === '' ? '' : ` (wrapped as "${prefix}")`;
  const lines = describeDifference(difference);
  return new LensError(
    'model',
    [`${source}: closest to ${recogniser.id}${wrapped}, but its tensors differ.`, ...lines].join(' '),
    { fix: 'Save the state dict of the whole network as its library defines it, and import that.' },
  );
}

function unknown(source: string, shapes: Shapes): LensError {
  const found =
    shapes.size === 0
      ? 'no tensors'
      : `${shapes.size} tensors: ${listed([...shapes], 6, ([name, shape]) => `"${name}" ${dims(shape)}`)}`;
  return new LensError('model', `${source}: expected a network of a known architecture, found ${found}.`, {
    fix: `Supported are ${supported.join('; ')}. Any other network can be used as an ONNX file.`,
  });
}
