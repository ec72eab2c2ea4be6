/** Which module a node belongs to, as its exporter wrote it: in metadata, or in the node's name. */
import type { Node } from '../onnx/model';

export interface Scope {
  /** Modules around the node, each by its whole path, the outermost first; without the model itself. */
  readonly modules: readonly string[];
  /** The node within its module, such as `Conv` or `add_1`. */
  readonly local: string;
}

/** Null where the file says nothing. */
export function scopeOf(node: Node): Scope | null {
  const name = (node.within ?? node.name).replace(APPENDED, '');
  return fromMetadata(node) ?? fromPath(name) ?? fromTensorFlow(name);
}

/** What onnxruntime's quantizer and its optimizer append to the names of nodes. */
const APPENDED = /_quant$|\/[A-Za-z]+Fusion(_\w+)?$/;

/** `name_scopes` of torch's exporter: '', 'stem', 'stem.1', and the node's own name. */
function fromMetadata({ origin, opType, inputs }: Node): Scope | null {
  const scopes = origin?.scopes;
  if (scopes === undefined || scopes.length === 0) return null;
  const modules = scopes.slice(0, -1).filter((scope) => scope !== '');
  // A convolution into which a normalization was folded has the normalization's scope, and weights under its own name.
  const folded = opType === 'Conv' && /BatchNorm/.test(origin?.classes.at(-2) ?? '');
  const [, own] = folded ? (/^(.+)\.weight/.exec(inputs[1] ?? '') ?? []) : [];
  if (own !== undefined && modules.length > 0) modules[modules.length - 1] = own;
  return { modules, local: scopes.at(-1) ?? opType };
}

/**
 * `/features/features.1/conv/conv.0/Conv` of torch's older exporter: a child of a Sequential repeats the Sequential's name, so a segment
 * that begins with the one before it continues it.
 */
function fromPath(name: string): Scope | null {
  if (!name.startsWith('/')) return null;
  const segments = name.slice(1).split('/');
  const local = segments.pop() ?? '';
  const modules: string[] = [];
  let [base, before] = ['', ''];
  for (const segment of segments) {
    const around: string = modules.at(-1) ?? '';
    const continues = before !== '' && segment.startsWith(`${before}.`);
    if (!continues) base = around === '' ? '' : `${around}.`;
    // A list is not a module that is called: `blocks.0` is in `blocks`.
    const list = segment.replace(/\.\d+$/, '');
    if (!continues && list !== segment && !modules.includes(base + list)) modules.push(base + list);
    modules.push(base + segment);
    before = segment;
  }
  return { modules, local };
}

/** `StatefulPartitionedCall/model/block1/conv/Conv2D` of tf2onnx; what it adds itself ends in `__17`. */
function fromTensorFlow(name: string): Scope | null {
  const segments = name.replace(/:\d+$/, '').split('/');
  const local = segments.pop() ?? '';
  const named = segments.filter((segment) => segment !== '' && !/PartitionedCall/.test(segment));
  if (named.length === 0 || local === '') return null;
  return { modules: named.map((_, i) => named.slice(0, i + 1).join('.')), local };
}
