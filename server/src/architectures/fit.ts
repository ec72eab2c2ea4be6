/** Sorts a file's tensors for one network: its own, a head under another name, those beside it, those that contradict it. */
import { copyRoot, isBookkeeping, isSmall } from './beside';
import type { Difference, Parameters } from './difference';
import { compareParameters } from './difference';
import { placeHead } from './place-head';
import type { HeadPlace } from './place-head';
import type { Recognizer } from './registry';
import type { Shape, Shapes } from './state-dict';
import type { Place } from './wrapper';

export interface Fit {
  readonly recognizer: Recognizer;
  /** What comes before the network's names in the file. */
  readonly prefix: string;
  readonly difference: Difference;
  /** Why its head cannot be read, to follow "its head"; null where that is not what is wrong. */
  readonly headProblem: string | null;
  /** The file's name of each tensor by the network's own name, in the order of the file. */
  readonly names: ReadonlyMap<string, string>;
  /** The module that holds the last layer in the file, where it is not where the library has it. */
  readonly renamedHead: string | null;
  /** The file's tensors outside the network. */
  readonly leftAside: readonly string[];
  /** What sets other complete copies of the network apart: `ema.`, `teacher.`. */
  readonly copies: readonly string[];
}

export function fitNetwork(
  recognizer: Recognizer,
  expected: Parameters,
  shapes: Shapes,
  { prefix, copies }: Pick<Place, 'prefix' | 'copies'>,
): Fit {
  const root = recognizer.head === null ? null : `${recognizer.head.root}.`;
  const roots = copies.map((copy) => copyRoot(copy, prefix));
  const own = ownModules([...expected.shapes.keys(), ...expected.unused]);

  const inside = new Map<string, Shape>();
  const inRoot = new Map<string, Shape>();
  const elsewhere = new Map<string, Shape>();
  const beside: string[] = [];
  for (const [name, shape] of shapes) {
    const relative = name.startsWith(prefix) ? name.slice(prefix.length) : null;
    if (relative !== null && root !== null && relative.startsWith(root)) inRoot.set(name, shape);
    else if (relative !== null && own.has(firstSegment(relative))) inside.set(relative, shape);
    else if (roots.some((copy) => name.startsWith(copy)) || isBookkeeping(relative ?? name))
      beside.push(name);
    else elsewhere.set(name, shape);
  }

  const files: FileParts = { inside, inRoot, elsewhere, beside };
  const names = new Map([...inside.keys()].map((name) => [name, prefix + name]));
  const network = new Map(expected.shapes);
  const head = recognizer.head && headOf(recognizer.head, expected.shapes, inRoot, elsewhere, prefix);
  if (recognizer.head !== null && head !== null)
    adoptHead(recognizer.head, head, prefix, network, names, files);

  const classes = head?.classes ?? 1;
  // A wrapper with a head of its own has a forward pass of its own: its other tensors may be part of that.
  const strict = head?.place.kind === 'renamed';
  const unexpected: string[] = [];
  for (const [name, shape] of elsewhere) {
    const outside = !name.startsWith(prefix);
    const harmless =
      (outside && !strict) || isSmall(outside ? name : name.slice(prefix.length), shape, classes);
    (harmless ? beside : unexpected).push(name);
  }
  const found = head?.place.kind === 'renamed' ? head.place.layer.path : null;
  return {
    recognizer,
    prefix,
    difference: compareParameters({ shapes: network, unused: expected.unused }, inside, unexpected),
    headProblem: head?.place.kind === 'refused' ? head.place.because : null,
    names: inverseInFileOrder(names, shapes),
    renamedHead: found,
    leftAside: inFileOrder(beside, shapes),
    copies: roots,
  };
}

/** A file's tensors by place; those inside by the network's names, all others by the file's. */
interface FileParts {
  readonly inside: Map<string, Shape>;
  readonly inRoot: Map<string, Shape>;
  readonly elsewhere: Map<string, Shape>;
  readonly beside: string[];
}

/** Puts the head that was found in place of the library's: in the expected `network`, the `names`, and the file's parts. */
function adoptHead(
  { root, path: libraryPath, second, isConvolution = false }: NonNullable<Recognizer['head']>,
  { place, features }: Pick<FoundHead, 'place' | 'features'>,
  prefix: string,
  network: Map<string, Shape>,
  names: Map<string, string>,
  { inside, inRoot, elsewhere, beside }: FileParts,
): void {
  for (const name of [...network.keys()]) if (name.startsWith(`${root}.`)) network.delete(name);
  const found = place.kind === 'own' || place.kind === 'renamed' ? place.layer : null;
  const renamed = place.kind === 'renamed';
  const path = found === null || renamed ? libraryPath : found.path.slice(prefix.length);
  const window = isConvolution && !renamed ? [1, 1] : [];
  network.set(`${path}.weight`, [found?.outputs ?? 2, features, ...window]);
  const hasBias = found === null || (renamed ? elsewhere : inRoot).has(`${found.path}.bias`);
  if (hasBias) network.set(`${path}.bias`, [found?.outputs ?? 2]);
  if (second !== undefined) {
    network.set(`${second}.weight`, [found?.outputs ?? 2, features]);
    if (hasBias) network.set(`${second}.bias`, [found?.outputs ?? 2]);
    else network.delete(`${second}.bias`);
  }
  for (const parameter of renamed && found !== null ? ['weight', 'bias'] : []) {
    const name = `${found?.path}.${parameter}`;
    const shape = elsewhere.get(name);
    if (shape === undefined) continue;
    elsewhere.delete(name);
    names.set(`${path}.${parameter}`, name);
    inside.set(`${path}.${parameter}`, shape);
  }
  for (const [name, shape] of inRoot) {
    if (renamed) {
      beside.push(name);
      continue;
    }
    const relative = name.slice(prefix.length);
    inside.set(relative, shape);
    names.set(relative, name);
  }
}

interface FoundHead {
  readonly place: HeadPlace;
  readonly features: number;
  readonly classes: number;
}

function headOf(
  library: NonNullable<Recognizer['head']>,
  expected: Shapes,
  inRoot: Shapes,
  elsewhere: Shapes,
  prefix: string,
): FoundHead {
  const features = expected.get(`${library.path}.weight`)?.[1] ?? 0;
  const place = placeHead({
    inRoot,
    elsewhere,
    prefix,
    features,
    isConvolution: library.isConvolution ?? false,
  });
  return { place, features, classes: 'layer' in place ? place.layer.outputs : 2 };
}

const firstSegment = (name: string): string => name.slice(0, `${name}.`.indexOf('.'));

const ownModules = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(firstSegment));

/** By the network's names. */
function inverseInFileOrder(names: ReadonlyMap<string, string>, shapes: Shapes): ReadonlyMap<string, string> {
  const own = new Map([...names].map(([network, file]) => [file, network]));
  const sorted = new Map<string, string>();
  for (const file of shapes.keys()) {
    const network = own.get(file);
    if (network !== undefined) sorted.set(network, file);
  }
  return sorted;
}

function inFileOrder(names: readonly string[], shapes: Shapes): readonly string[] {
  const wanted = new Set(names);
  return [...shapes.keys()].filter((name) => wanted.has(name));
}
