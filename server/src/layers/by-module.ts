/** Layers of a graph whose nodes say which module they belong to: the modules' outputs. */
import { indexGraph } from '../onnx/graph-index';
import type { GraphIndex } from '../onnx/graph-index';
import type { Node } from '../onnx/model';
import { activated, ACTIVATIONS, activationOf } from './activated';
import type { Module } from './tree';
import { scopeOf } from './scope';
import { isResidualSum } from './sums';
import type { GraphToRead, Usable } from './usable';
import { isMap } from './usable';

export interface NamedLayer extends Usable {
  readonly name: string;
}

/** Fewer rows than this say too little about a network. */
export const FEWEST = 8;
export const MOST = 48;

/** Children of a container beyond which each is a layer, even where none has children of its own. */
const MANY_CHILDREN = 6;

/** What may become a row: a module, or a sum between modules. */
interface Item {
  readonly name: string;
  readonly tensor: string | null;
  readonly module: Module | null;
}

/**
 * Modules from the outside in: containers, all of whose nodes are in their children, are opened as long as
 * that gives at most MOST layers, then others until there are FEWEST.
 */
export function modulesToShow(
  root: Module,
  read: GraphToRead,
  usable: ReadonlyMap<string, Usable>,
): readonly NamedLayer[] {
  const found = shownModules(root, read, usable, false);
  return found.length < FEWEST ? shownModules(root, read, usable, true) : found;
}

/** @param bare whether a module whose activation is a mere function (`F.relu(self.conv1(x))`) is shown before it */
function shownModules(
  root: Module,
  read: GraphToRead,
  usable: ReadonlyMap<string, Usable>,
  bare: boolean,
): readonly NamedLayer[] {
  const index = indexGraph(read.graph);
  const rows = (items: readonly Item[]): readonly NamedLayer[] => rowsOf(items, usable, index, bare);
  const count = (items: readonly Item[]): number => rows(items).length;
  let items = containersOpened(opened(withoutWrappers(root), usable), usable, count);
  const closed = new Set<Module>();
  while (count(items) < FEWEST) {
    const next = largest(items, closed);
    if (next === undefined) break;
    closed.add(next);
    items = openedForMore(items, next, usable, count) ?? items;
  }
  // Of lists side by side all are opened or none.
  items = containersOpened(items, usable, count, isList);
  const found = rows(items);
  // Of a short network all: the convolutions before their activations too.
  return found.length < FEWEST ? shortest(root, read, usable, found) : found;
}

type Count = (items: readonly Item[]) => number;

const withOpened = (
  items: readonly Item[],
  module: Module,
  usable: ReadonlyMap<string, Usable>,
): readonly Item[] => items.flatMap((item) => (item.module === module ? opened(module, usable) : [item]));

function containersOpened(
  before: readonly Item[],
  usable: ReadonlyMap<string, Usable>,
  count: Count,
  isOne = isContainer,
): readonly Item[] {
  let items = before;
  for (let at = 0; at < items.length;) {
    const module = items[at]?.module;
    const next = module && isOne(module) ? withOpened(items, module, usable) : null;
    if (next !== null && count(next) <= MOST && count(next) >= count(items)) items = next;
    else at += 1;
  }
  return items;
}

/**
 * What a module opens into, where that is more rows. A wrapper gives none itself, but what is inside may: it is opened further, as is any
 * other where next to nothing is shown, such as an encoder of lists. Null where nothing is gained.
 */
function openedForMore(
  items: readonly Item[],
  module: Module,
  usable: ReadonlyMap<string, Usable>,
  count: Count,
): readonly Item[] | null {
  const isMore = (next: readonly Item[]): boolean => count(next) > count(items);
  const opens = ({ children }: Module): boolean => children.length === 1 || count(items) < FEWEST / 2;
  const closed = new Set(modulesOf(items));
  let next = withOpened(items, module, usable);
  let outer = module;
  while (!isMore(next) && opens(outer)) {
    next = containersOpened(next, usable, count, isList);
    const inner = largest(next, closed);
    if (isMore(next) || inner === undefined || !opens(inner)) break;
    closed.add(inner);
    outer = inner;
    next = withOpened(next, outer, usable);
  }
  return isMore(next) && count(next) <= MOST ? next : null;
}

/** Of modules without names that have modules of their own. */
const isList = ({ own, children }: Module): boolean =>
  own.length === 0 &&
  children.length > 1 &&
  children.every((child) => child.children.length > 0 && /(^|\.)\d+$/.test(child.path));

const modulesOf = (items: readonly Item[]): readonly Module[] =>
  items.flatMap(({ module }) => (module === null ? [] : [module]));

function shortest(
  root: Module,
  read: GraphToRead,
  usable: ReadonlyMap<string, Usable>,
  rows: readonly NamedLayer[],
): readonly NamedLayer[] {
  const shown = new Set(rows.map(({ tensor }) => tensor));
  const index = indexGraph(read.graph);
  const before = everyModule(root, usable).filter(
    (layer) =>
      !ACTIVATIONS.has(layer.node.opType) &&
      !isResidualSum(layer.node, usable) &&
      isMap(layer) &&
      !shown.has(layer.tensor) &&
      shown.has(activated(layer.tensor, index)),
  );
  const once = new Map(before.map((layer) => [layer.tensor, layer]));
  return [...rows, ...once.values()].sort((a, b) => a.order - b.order);
}

/** A model in a wrapper, or the one module that a graph of TensorFlow is. */
function withoutWrappers(root: Module): Module {
  let module = root;
  for (
    let [only, ...others] = module.children;
    only && others.length === 0;
    [only, ...others] = module.children
  ) {
    if (only.children.length < 2) break;
    module = only;
  }
  return module;
}

const isContainer = ({ own, children }: Module): boolean =>
  own.length === 0 &&
  children.length > 1 &&
  (children.length > MANY_CHILDREN || children.some((child) => child.children.length > 0));

/** The module's children and sums; itself too, where no child gives its output. */
function opened(module: Module, usable: ReadonlyMap<string, Usable>): readonly Item[] {
  const children = module.children.map((child) => ({
    name: child.path,
    tensor: child.output,
    module: child,
  }));
  const sums = module.own
    .filter((node) => isResidualSum(node, usable) && partsOf(node, module).length <= 1)
    .map((node) => ({
      name: nameWithin(module, node),
      tensor: node.outputs[0] ?? '',
      module: null,
    }))
    .filter(({ tensor }) => tensor !== module.output || module.path === '');
  const given = children.some(({ tensor }) => tensor === module.output);
  const self = { name: module.path, tensor: module.output, module: null };
  return [...children, ...sums, ...(given || module.path === '' ? [] : [self])];
}

/** `layer1.0.Add`; what the model does itself is called after its class: `Net.add_1`. */
function nameWithin({ path }: Module, node: Node): string {
  const around = path === '' ? (node.origin?.classes[0]?.split('.').at(-1) ?? '') : path;
  const local = scopeOf(node)?.local ?? node.opType;
  return around === '' ? local : `${around}.${local}`;
}

function largest(items: readonly Item[], closed: ReadonlySet<Module>): Module | undefined {
  const open = items.flatMap(({ module }) =>
    module !== null && module.children.length > 0 && !closed.has(module) ? [module] : [],
  );
  return open.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
}

const sizeOf = ({ own, children }: Module): number =>
  children.reduce((sum, child) => sum + sizeOf(child), own.length);

/** A product whose bias an optimizer has moved into the next operator (BiasGelu): the module's output has it. */
function withBias(tensor: string, index: GraphIndex): string {
  const [reader, ...others] = index.consumersOf(tensor);
  if (reader?.opType !== 'Add' || reader.within === undefined || others.length > 0) return tensor;
  const other = reader.inputs.find((input) => input !== tensor);
  return other !== undefined && index.producerOf(other) === undefined
    ? (reader.outputs[0] ?? tensor)
    : tensor;
}

/** In graph order, each tensor once under its first name; a tensor that feeds an activation is shown after it. */
function rowsOf(
  items: readonly Item[],
  usable: ReadonlyMap<string, Usable>,
  index: GraphIndex,
  bare: boolean,
): readonly NamedLayer[] {
  const rows = new Map<string, NamedLayer>();
  for (const { name, tensor, module } of items) {
    const found = tensor === null ? undefined : usable.get(withBias(tensor, index));
    if (found === undefined || !isMap(found) || rows.has(found.tensor)) continue;
    const leaf = module !== null && module.children.length === 0;
    if (!bare && leaf && activationOf(found.tensor, index) !== undefined) continue;
    rows.set(found.tensor, { ...found, name });
  }
  return [...rows.values()].sort((a, b) => a.order - b.order);
}

/** Every module with an output, and every sum and layer within: what patterns choose from. */
export function everyModule(root: Module, usable: ReadonlyMap<string, Usable>): readonly NamedLayer[] {
  const rows = new Map<string, NamedLayer>();
  const visit = (module: Module): void => {
    const self = usable.get(module.output ?? '');
    // An index says nothing about a convolution in a list of layers.
    const convolves =
      module.children.length === 0 && /\.\d+$/.test(module.path) && module.own.some(isConvolution);
    const bare = convolves && self !== undefined && !ACTIVATIONS.has(self.node.opType);
    const path = bare ? `${module.path}.conv` : module.path;
    if (self !== undefined && path !== '') rows.set(path, { ...self, name: path });
    for (const node of module.own) {
      const found = usable.get(node.outputs[0] ?? '');
      const name = convolves && isConvolution(node) ? `${module.path}.conv` : nameWithin(module, node);
      const inner = found !== undefined && found !== self && found.tensor !== module.output;
      if (inner && INNER.has(node.opType) && partsOf(node, module).at(-1) === node && !rows.has(name))
        rows.set(name, { ...found, name });
    }
    module.children.forEach(visit);
  };
  visit(root);
  return [...rows.values()].sort((a, b) => a.order - b.order);
}

const isConvolution = ({ opType }: Node): boolean => opType === 'Conv' || opType === 'ConvTranspose';

/**
 * The parts that people would recognize as layers, of the file's node that this one belongs to: of an LSTM
 * none but its last.
 */
const partsOf = (node: Node, { own }: Module): readonly Node[] =>
  node.within === undefined
    ? [node]
    : own.filter(({ within, opType }) => within === node.within && INNER.has(opType));

/** Operators whose outputs people recognize as layers. */
const INNER: ReadonlySet<string> = new Set([
  ...[
    'Conv',
    'ConvTranspose',
    'Add',
    'Concat',
    'MaxPool',
    'AveragePool',
    'GlobalAveragePool',
    'ReduceMean',
    'Gemm',
    'MatMul',
  ],
]);
