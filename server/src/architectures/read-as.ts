/**
 * Which of the networks with the same names and shapes a file is read as, why, and which others it could be. In this order: the option; a
 * layout of names that only one code base writes; a name in the file's name, or in a folder's above it; the most likely.
 */
import { listed } from './difference';
import { architectures } from './registry';
import { twins, unpaddedStem } from './twins';

export interface ReadAs {
  readonly id: string;
  /**
   * One or two sentences for every report: which network the file was read as, why, and what else it could
   * be.
   */
  readonly readAs: string;
  /** Other networks with the same names and shapes, by the ids that can be requested. */
  readonly twins: readonly string[];
  /** Warnings: a choice that the file does not settle. */
  readonly notes: readonly string[];
}

export interface ReadAsOptions {
  /** The file's path. */
  readonly source: string;
  /** The requested architecture, or that of the import. */
  readonly asked?: { readonly id: string; readonly by: AskedBy };
  /** The prefix of the network's names in the file, and where its last layer is if not in its own place. */
  readonly layout: { readonly prefix: string; readonly renamedHead: string | null };
}

export type AskedBy = 'option' | 'import';

const CHOOSE =
  'Choose with --architecture on the command line or the setting “Inference Lens: Architecture” in the editor.';

/** @param known the known network, or the most likely of several, whose names and shapes the file has */
export function readAs(known: string, { source, asked, layout }: ReadAsOptions): ReadAs {
  const natural = naturally(known, source, layout);
  const id = asked?.id ?? natural.id;
  const why =
    asked === undefined ? natural.why : asked.by === 'import' ? 'as it was imported' : 'as requested';
  const notes = asked === undefined || (asked.by === 'import' && id === natural.id) ? natural.notes : [];
  const others = sharing(known).filter((other) => other.id !== id);
  const choices = others.filter(({ isBuilt }) => isBuilt).map((other) => other.id);
  return { id, readAs: sentence(id, why, others), twins: choices, notes };
}

interface Sharing {
  readonly id: string;
  readonly differs: string | null;
  readonly isBuilt: boolean;
}

/** Every network with the names and shapes of a known one, itself among them. */
function sharing(known: string): readonly Sharing[] {
  const bases = siblings(known);
  const otherwise = OTHER_HEADS.includes(known)
    ? 'has a different number of heads'
    : SWIN_V2.test(known)
      ? 'has windows of another size, and takes pictures to match'
      : 'pads and normalizes differently';
  const flavor = bases.length > 1 ? otherwise : null;
  return [
    ...bases.map((id) => ({ id, differs: id === known ? null : flavor, isBuilt: true })),
    ...twins
      .filter(({ of }) => bases.includes(of))
      .map(({ id, differs, architecture }) => ({ id, differs, isBuilt: architecture !== null })),
  ];
}

/** Known networks that share names and shapes: timm's with and without TensorFlow's habits, two with other numbers of heads, and Swin V2 of a size. */
function siblings(known: string): readonly string[] {
  if (OTHER_HEADS.includes(known)) return OTHER_HEADS;
  if (SWIN_V2.test(known)) {
    const size = known.slice(0, known.indexOf('_window'));
    return architectures.map(({ id }) => id).filter((id) => id.startsWith(`${size}_window`));
  }
  const [, variant] = /^timm\/(?:tf_)?((?:efficientnet_(?:b\d|lite\d)|mobilenetv3_.+))$/.exec(known) ?? [];
  if (variant === undefined) return [known];
  const both = [`timm/${variant}`, `timm/tf_${variant}`];
  return architectures.map(({ id }) => id).filter((id) => both.includes(id));
}

const SWIN_V2 = /^(timm|transformers)\/swinv2_/;

/** The likelier first. */
const OTHER_HEADS = ['timm/vit_base_patch16_siglip_gap_224', 'timm/vit_base_patch16_gap_224'];

interface Natural {
  readonly id: string;
  readonly why: string;
  readonly notes: readonly string[];
}

function naturally(known: string, source: string, layout: ReadAsOptions['layout']): Natural {
  const bases = siblings(known);
  const likeliest = bases[0] ?? known;
  if (isDeepfakeBench(known, layout)) {
    const id = unpaddedStem(known);
    const note =
      `The names ${layout.prefix}* and ${layout.renamedHead ?? ''} are DeepfakeBench's, which replaces the first convolution with one without ` +
      `padding: the weights were read as ${id}. ${known} has the same names and shapes and pads it. ${CHOOSE}`;
    return { id, why: 'by its names, which are DeepfakeBench’s', notes: [note] };
  }
  const named = namedIn(source, bases);
  if (named !== null) {
    const others = bases.filter((base) => base !== named.id);
    const note =
      others.length === bases.length // a twin
        ? `The file's name (“${named.word}”) suggests ${named.id}, which has the names and shapes of ${listed(bases, 3, String)} ` +
          `but computes something else: it was read as ${named.id}. ${CHOOSE}`
        : ambiguity(named.id, others);
    return {
      id: named.id,
      why: `by the name “${named.word}” in its path`,
      notes: others.length === 0 ? hinted(source, known) : [note],
    };
  }
  if (bases.length > 1)
    return {
      id: likeliest,
      why: 'as the most likely network with these names and shapes',
      notes: [ambiguity(likeliest, bases.slice(1)), ...hinted(source, likeliest)],
    };
  return { id: known, why: 'by names and shapes', notes: hinted(source, known) };
}

const ambiguity = (id: string, others: readonly string[]): string =>
  `The weights fit ${[id, ...others].join(' and ')}, which compute different things with the same tensors; ` +
  `${id} was assumed. ${CHOOSE}`;

/** `backbone.efficientnet.*` with the classifier in `backbone.last_layer`: DeepfakeBench's detectors. */
const isDeepfakeBench = (known: string, { prefix, renamedHead }: ReadAsOptions['layout']): boolean =>
  known.startsWith('efficientnet_pytorch/') &&
  prefix.endsWith('backbone.efficientnet.') &&
  renamedHead !== null &&
  /(^|\.)backbone\.last_layer$/.test(renamedHead);

/** Folders above a file whose names count: a model's own, its revision, its cache. */
const FOLDERS = 3;

const words = (text: string): string => text.toLowerCase().replaceAll('-', '_');

/** Everything in a file's path that decides or warns: if these are equal, so is the result of `readAs`. */
export function namesInPath(source: string): readonly string[] {
  const names = [...architectures.map(({ id }) => nameOf(id)), ...twins.flatMap(({ named }) => named ?? [])];
  const found = segmentsOf(source).flatMap((segment, up) =>
    names.filter((name) => words(segment).includes(name)).map((name) => `${up}:${name}`),
  );
  return [...new Set(found)];
}

const nameOf = (id: string): string => id.slice(id.indexOf('/') + 1);

/** The file first. */
const segmentsOf = (source: string): readonly string[] =>
  source
    .split(/[/\\]/)
    .reverse()
    .slice(0, 1 + FOLDERS);

/** The longest name of a network in the file's name, else in the nearest folder's that has one. */
function namedIn(
  source: string,
  bases: readonly string[],
): { readonly id: string; readonly word: string } | null {
  const names = [
    ...bases.map((id) => ({ id, word: nameOf(id) })),
    ...twins.flatMap(({ id, of, named }) =>
      named !== null && bases.includes(of) ? [{ id, word: named }] : [],
    ),
  ].sort((a, b) => b.word.length - a.word.length);
  for (const segment of segmentsOf(source)) {
    const found = names.find(({ word }) => words(segment).includes(word));
    if (found !== undefined) return found;
  }
  return null;
}

/** The file's own name may suggest twins without naming one. */
function hinted(source: string, known: string): readonly string[] {
  const file = words(segmentsOf(source)[0] ?? '');
  const found = twins.filter(({ of, hint }) => of === known && hint?.test(file) === true);
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id).join(' or ');
  return [
    `The file's name may refer to ${ids}, with the names and shapes of ${known}; it was read as ${known}. ${CHOOSE}`,
  ];
}

function sentence(id: string, why: string, others: readonly Sharing[]): string {
  const read = `Read as ${id}, ${why}.`;
  if (others.length === 0) return read;
  const named = others.map((other) => {
    const about = [other.differs, other.isBuilt ? null : 'not built here'].filter((text) => text !== null);
    return about.length === 0 ? other.id : `${other.id} (${about.join('; ')})`;
  });
  return `${read} Others with the same names and shapes: ${named.join(', ')}. ${CHOOSE}`;
}
