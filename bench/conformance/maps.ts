/** Compares a report's layers with PyTorch's tensors: which tensor a layer is, and how far its CAM is from autograd's. */
import type { LayerResult } from '../../server/src/explain/decode';
import type { LayerForm } from '../../server/src/layers/form';
import type { Reference, ReferenceTensor } from './reference';

export type LayerVerdict =
  | 'agrees'
  /** PyTorch's own map changes under input noise of 1e-6, so there is nothing to compare with. */
  | 'unstable'
  /** No map, and the report says why. */
  | 'unexplained'
  /** PyTorch has no such tensor. */
  | 'unmatched'
  | 'wrong';

export interface ComparedLayer {
  readonly name: string;
  readonly verdict: LayerVerdict;
  /** Its axes, and their lengths: "NTC, 768 x 14 x 14". */
  readonly read: string;
  /** The layer bears the name of a module, and is its output. */
  readonly named: boolean;
  /** Relative L2; null where nothing was compared. */
  readonly difference: number | null;
  readonly why: string;
}

/** Relative L2, of maps and of what identifies a layer. */
export const TOLERANCE = 1e-3;
/** Of the map's norm, under input noise of 1e-6. */
const STABLE = 2e-4;

const norm = (values: Iterable<number>): number => Math.hypot(...values);

function distance(a: Float32Array, b: Float32Array): number {
  return a.length === b.length ? norm(a.map((value, i) => value - (b[i] ?? NaN))) : Infinity;
}

export function compareLayer(layer: LayerResult, { tensors }: Reference): ComparedLayer {
  const { name, unexplained } = layer;
  const found = tensors.filter((tensor) => isThe(tensor, layer));
  const own = found.filter(({ paths }) => paths.includes(name));
  const named = own.length > 0;
  const outcome = (verdict: LayerVerdict, difference: number | null, why = ''): ComparedLayer => ({
    ...{ name, verdict, named, difference, why },
    read: readAs(layer.form),
  });
  const cam = layer.cam.get('gradcam');
  if (cam === undefined) return outcome('unexplained', null, unexplained ?? 'no map');
  const compared = (named ? own : found).map((tensor) => ({ tensor, difference: apart(cam, tensor.cam) }));
  const [best] = compared.sort((a, b) => a.difference - b.difference);
  if (best === undefined) {
    const paths = tensors.filter((tensor) => tensor.paths.includes(name));
    const shapes = paths.map(({ channels, height, width }) => `${channels}x${height}x${width}`).join(', ');
    return outcome(
      'unmatched',
      null,
      `shape ${layer.shape.join('x')}; a module of that name gives ${shapes || 'nothing'}`,
    );
  }
  const { difference, tensor } = best;
  if (difference <= TOLERANCE) return outcome('agrees', difference);
  const merged = apart(cam, sumOf(found.map((each) => each.cam)));
  if (merged <= TOLERANCE)
    return outcome('agrees', merged, 'the exporter merged modules that compute the same');
  const why = `off by ${difference.toPrecision(2)}, moves by ${tensor.moves.toPrecision(2)}`;
  return outcome(tensor.moves > STABLE ? 'unstable' : 'wrong', difference, why);
}

function readAs(form: LayerForm): string {
  if (form.kind !== 'map') return `vector of ${form.channels}`;
  const { axes = 'NCHW', channels, height, width, skipped = 0 } = form;
  const before = skipped === 0 ? '' : `, ${skipped} ${skipped === 1 ? 'token' : 'tokens'} before`;
  return `${axes}, ${channels} x ${height} x ${width}${before}`;
}

/** Shape, channel means and sum of squares are the layer's. */
function isThe(tensor: ReferenceTensor, { form, mean, statistics }: LayerResult): boolean {
  if (form.kind !== 'map' || form.channels !== tensor.channels) return false;
  if (form.height !== tensor.height || form.width !== tensor.width) return false;
  const { channels, squares } = tensor;
  const count = channels * mean.length;
  const own = count * (statistics.std ** 2 + statistics.mean ** 2);
  return (
    Math.abs(own - squares) <= 2 * TOLERANCE * squares &&
    distance(mean, tensor.mean) <= TOLERANCE * Math.sqrt(squares / channels)
  );
}

/**
 * The exporter computes once what two modules compute alike (DLA pools the same tensor twice): the gradients of both arrive at one tensor,
 * and CAMs are linear in them.
 */
const sumOf = (cams: readonly Float32Array[]): Float32Array =>
  (cams[0] ?? new Float32Array()).map((_, i) => cams.reduce((sum, cam) => sum + (cam[i] ?? 0), 0));

function apart(found: Float32Array, expected: Float32Array): number {
  const size = norm(expected);
  if (size === 0) return norm(found) === 0 ? 0 : Infinity;
  return distance(found, expected) / size;
}
