/** Which provider ran each node of a session, and what was copied between them: read from the runtime's own profile. */
import type { DeviceName, PlacementReport } from '../../../protocol/report';

/** The same as in the report. */
export type NodePlacement = PlacementReport;

/** The runtime's names of providers, as its profiles have them. */
const providers: ReadonlyMap<string, DeviceName> = new Map([
  ['CPUExecutionProvider', 'cpu'],
  ['CUDAExecutionProvider', 'cuda'],
  ['WebGpuExecutionProvider', 'webgpu'],
  ['DmlExecutionProvider', 'directml'],
  ['CoreMLExecutionProvider', 'coreml'],
]);

/** The nodes that the runtime inserts where a tensor moves between CPU and device. */
const copying: ReadonlySet<string> = new Set(['MemcpyFromHost', 'MemcpyToHost']);

/** The nodes that the CPU's provider inserts around a convolution where its kernels want another layout: no operators of the network. */
const layout: ReadonlySet<string> = new Set(['ReorderInput', 'ReorderOutput']);

interface NodeEvent {
  readonly operator: string;
  readonly provider: DeviceName;
  readonly bytes: number;
  /** Bytes that the node wrote. */
  readonly written: number;
}

/**
 * @param profile JSON of a session that ran once: a list of events, of which each executed node has one that ends in `_kernel_time`
 * (onnxruntime 1.30, `sequential_executor.cc`)
 * @returns null where it has no such event, as when the runtime's format has changed
 */
export function readNodePlacement(profile: string): NodePlacement | null {
  const events = nodeEvents(profile);
  if (events.length === 0) return null;
  const computing = events.filter(({ operator }) => !copying.has(operator) && !layout.has(operator));
  const copies = events.filter(({ operator }) => copying.has(operator));
  const counts = groupBy(computing, ({ provider }) => provider);
  const elsewhere = computing.some(({ provider }) => provider !== 'cpu');
  const onCpu = elsewhere ? computing.filter(({ provider }) => provider === 'cpu') : [];
  return {
    providers: [...counts]
      .map(([provider, { length }]) => ({ provider, nodes: length }))
      .sort((a, b) => b.nodes - a.nodes),
    onCpu: [...groupBy(onCpu, ({ operator }) => operator)]
      .map(([operator, nodes]) => ({ operator, nodes: nodes.length, bytes: total(nodes, 'bytes') }))
      .sort((a, b) => b.bytes - a.bytes || a.operator.localeCompare(b.operator)),
    copies: { nodes: copies.length, bytes: total(copies, 'written') },
  };
}

function nodeEvents(profile: string): readonly NodeEvent[] {
  const events = parse(profile);
  return events.flatMap((event) => {
    const { cat, name, args } = record(event);
    const { op_name: operator, provider, activation_size: read, output_size: written } = record(args);
    const known = typeof provider === 'string' ? providers.get(provider) : undefined;
    const isNode = cat === 'Node' && typeof name === 'string' && name.endsWith('_kernel_time');
    if (!isNode || typeof operator !== 'string' || known === undefined) return [];
    return [{ operator, provider: known, bytes: size(read) + size(written), written: size(written) }];
  });
}

function parse(profile: string): readonly unknown[] {
  try {
    const events: unknown = JSON.parse(profile);
    return Array.isArray(events) ? events : [];
  } catch {
    return []; // truncated, for example by a full disk: nothing is known then
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** The profile writes numbers as text. */
function size(value: unknown): number {
  const bytes = Number(value);
  return Number.isFinite(bytes) ? bytes : 0;
}

const total = (nodes: readonly NodeEvent[], what: 'bytes' | 'written'): number =>
  nodes.reduce((sum, node) => sum + node[what], 0);

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
