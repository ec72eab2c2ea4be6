/**
 * Finds a classifier's last layer where training code has put it: in the network's own module, or, as detectors built
 * around a library's trunk do, under a name of their own. Only one linear layer is a head that can be read: what lies
 * between two is not in a state dict.
 */
import { linearShape } from './head';
import type { Shape, Shapes } from './state-dict';

/** A linear layer of the file. */
export interface Linear {
  /** Module path in the file. */
  readonly path: string;
  readonly inputs: number;
  readonly outputs: number;
}

export type HeadPlace =
  | { readonly kind: 'own'; readonly layer: Linear }
  | { readonly kind: 'renamed'; readonly layer: Linear }
  /** No candidate: its tensors are missing. */
  | { readonly kind: 'none' }
  /** `because` continues "its head ...". */
  | { readonly kind: 'refused'; readonly because: string };

/** Classes of the libraries' own heads: beside another head, such a head is the one that was not replaced. */
const DELIVERED_CLASSES = 1000;

/** Every linear layer among the names: a `.weight` of two dimensions, or of a 1x1 convolution. */
function linearLayers(
  shapes: Iterable<readonly [string, Shape]>,
  areConvolutions: boolean,
): readonly Linear[] {
  const found: Linear[] = [];
  for (const [name, shape] of shapes) {
    const linear = linearShape(shape);
    if (linear === null || linear.isConvolution !== areConvolutions || !name.endsWith('.weight')) continue;
    found.push({ path: name.slice(0, -'.weight'.length), inputs: linear.inputs, outputs: linear.outputs });
  }
  return found;
}

export interface HeadQuestion {
  /** The file's names at or below the module where the library has its head. */
  readonly inRoot: Shapes;
  /** The file's names outside the network's own modules that may belong to its forward pass. */
  readonly elsewhere: Shapes;
  /** Prefix of the network's names in the file. */
  readonly prefix: string;
  /** Length of the pooled features. */
  readonly features: number;
  /** The library's head is a 1x1 convolution. */
  readonly isConvolution: boolean;
}

export function placeHead({ inRoot, elsewhere, prefix, features, isConvolution }: HeadQuestion): HeadPlace {
  const own = linearLayers(inRoot, isConvolution);
  if (own.length > 1) return severalLayers(own);
  const [inner] = own;
  const others = linearLayers(elsewhere, false);
  const behind = inner === undefined ? [] : others.filter(({ inputs }) => inputs === inner.outputs);
  if (inner !== undefined && behind.length > 0) return severalLayers([inner, ...behind]);
  if (inner !== undefined && inner.outputs !== DELIVERED_CLASSES) return { kind: 'own', layer: inner };

  const starters = nearest(
    others.filter(({ inputs }) => inputs === features),
    prefix,
  );
  const [starter] = starters;
  if (starter === undefined) return inner === undefined ? { kind: 'none' } : { kind: 'own', layer: inner };
  if (starters.length > 1) {
    return { kind: 'refused', because: `could be any of ${listLayers(starters)}; expected one linear layer` };
  }
  const followers = others.filter(({ path, inputs }) => path !== starter.path && inputs === starter.outputs);
  if (followers.length > 0) return severalLayers([starter, ...followers]);
  return { kind: 'renamed', layer: starter };
}

const severalLayers = (layers: readonly Linear[]): HeadPlace => ({
  kind: 'refused',
  because: `has ${layers.length} layers, ${listLayers(layers)}; expected one linear layer`,
});

const listLayers = (layers: readonly Linear[]): string =>
  layers
    .slice(0, 4)
    .map(({ path, inputs, outputs }) => `"${path}" (${inputs} to ${outputs})`)
    .join(', ');

/** Those below the closest module that holds the network: a wrapper's own head, not that of a second copy. */
function nearest(layers: readonly Linear[], prefix: string): readonly Linear[] {
  for (let module = prefix; ; module = module.replace(/[^.]*\.$/, '')) {
    const below = layers.filter(({ path }) => path.startsWith(module));
    if (below.length > 0 || module === '') return below;
  }
}
