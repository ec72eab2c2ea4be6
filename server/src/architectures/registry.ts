/** Every classifier architecture whose checkpoints can be read. */
import { LensError } from '../errors';
import { defaultHead, parametersOf, parametersUpTo } from './build';
import type { Parameters } from './difference';
import { families } from './families';
import type { Architecture } from './network';
import { EXPORT_TO_ONNX } from './not-built';
import type { Twin } from './twins';
import { canonical, findTwin } from './twins';

/** What recognition needs of a network, whatever it computes. */
export interface Recognizer {
  readonly id: string;
  readonly task: 'classifier' | 'detector';
  /** A name that every file of the family has; the text before it in a file is the wrapper's prefix. */
  readonly anchor: string;
  /** Where a classifier's library puts its last layer: files may hold another there, or elsewhere; null for a detector. */
  readonly head: Pick<Architecture['head'], 'root' | 'path' | 'second' | 'isConvolution'> | null;
  /** The tensors of the network as its library makes it. */
  expected(): Parameters;
  /** Whether the network has more tensors than this: where it has, cheaper than `expected`. */
  hasMoreThan(tensors: number): boolean;
}

/** Where several match a file, the first is the default. */
export const architectures: readonly Architecture[] = Object.freeze(families.flat());

export const classifierRecognizers: readonly Recognizer[] = Object.freeze(
  architectures.map((architecture) => ({
    id: architecture.id,
    task: 'classifier' as const,
    anchor: architecture.anchor,
    head: architecture.head,
    ...walkedOnce(architecture),
  })),
);

/** Walking a network takes a millisecond, and a store lists many files. */
function walkedOnce(architecture: Architecture): Pick<Recognizer, 'expected' | 'hasMoreThan'> {
  const head = defaultHead(architecture, 2);
  let known: Parameters | null = null;
  return {
    expected: () => (known ??= parametersOf(architecture, head)),
    hasMoreThan(tensors) {
      known ??= parametersUpTo(tensors, architecture, head);
      return known === null || known.shapes.size > tensors;
    },
  };
}

/**
 * A network that is requested by name: the known one that shares its names and shapes, and itself; null for an unknown name.
 * @param source the weights that it is requested with
 * @throws LensError of kind `model` for a twin that is not built
 */
export function resolveId(
  asked: string,
  source: string,
): { readonly known: string; readonly id: string } | null {
  const id = canonical(asked);
  const twin = findTwin(id);
  if (twin === undefined) return architectures.some((known) => known.id === id) ? { known: id, id } : null;
  if (twin.architecture === null) throw notBuilt(twin, source);
  return { known: twin.of, id };
}

const notBuilt = ({ id, of, differs }: Twin, source: string): LensError =>
  new LensError(
    'model',
    `${source}: ${id} was requested, which Inference Lens cannot build: it has the names and shapes of ${of}, but ${differs}.`,
    { fix: EXPORT_TO_ONNX },
  );

/** A known network, one of its twins, or one that goes by another library's name. @throws LensError for a twin that is not built */
export function findArchitecture(id: string, source = 'demo weights'): Architecture | undefined {
  const resolved = resolveId(id, source);
  if (resolved === null) return undefined;
  return findTwin(resolved.id)?.architecture ?? architectures.find(({ id: known }) => known === resolved.id);
}
