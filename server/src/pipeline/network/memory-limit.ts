/** Refuses a network that needs more memory than allowed, before anything of that size is allocated. */
import { totalmem } from 'node:os';
import { REPORT_BOUNDS } from '../../../../protocol/report-bounds';
import { LensError } from '../../errors';
import type { LargestTensor, MemoryEstimate } from '../../explain/memory';

/** The other half is for the rest of this program and for everything else. */
const SHARE = 0.5;

export interface MemoryLimit {
  readonly bytes: number;
  /** What it is half of; null where the limit was given. */
  readonly halfOf: string | null;
}

/** @param wanted MB of 10^6 bytes, or null for half of what this process may have: of its control group, or of the machine. */
export function memoryLimit(
  wanted: number | null,
  machine: number = totalmem(),
  group: number = process.constrainedMemory(),
): MemoryLimit {
  if (wanted !== null) return { bytes: wanted * 1e6, halfOf: null };
  // Without a limit the control group reports 0, or more than the machine has.
  const limited = group > 0 && group < machine;
  return {
    bytes: SHARE * (limited ? group : machine),
    halfOf: limited ? "this container's memory" : "this machine's memory",
  };
}

/**
 * @param source the user's file, or what was generated
 * @throws LensError of kind `model` that names the largest tensor
 */
export function requireMemory({ bytes, largest }: MemoryEstimate, limit: MemoryLimit, source: string): void {
  if (bytes <= limit.bytes) return;
  const half = limit.halfOf === null ? '' : ` (half of ${limit.halfOf})`;
  const tensor = largest === null ? '' : ` Its largest tensor is ${describe(largest)}.`;
  throw new LensError(
    'model',
    `${source}: too large: explaining it takes about ${size(bytes)}, more than the ${size(limit.bytes)} allowed${half}.${tensor}`,
    {
      code: 'model-too-large',
      fix: 'Use a network with a smaller input, or a machine with more memory.',
      remedies: ['memory-limit'],
    },
  );
}

/** Layers of a report: each takes pictures, a row, and results of every run. ResNet-1001 has 1,335 with those of its sums. */
const MOST_LAYERS = 1_500;

/** @throws LensError of kind `model` for a network of more layers than a report can show */
export function requireLayers(count: number, source: string): void {
  if (count <= MOST_LAYERS) return;
  throw new LensError(
    'model',
    `${source}: too large: it has ${count} layers to report, more than the ${MOST_LAYERS} that a report can hold.`,
    { code: 'model-too-large', fix: 'Export a part of the network, or export it with its operators fused.' },
  );
}

/** Operators of a network: preparing them takes 0.7 ms and 60 kB each. ResNet-1001 has 3,400, the largest NASNet 2,500. */
const MOST_NODES = 8_000;

/** @throws LensError of kind `model` for a network whose operators alone take more than 512 MiB and some seconds */
export function requireNodes(count: number, source: string): void {
  if (count <= MOST_NODES) return;
  throw new LensError(
    'model',
    `${source}: too large: it has ${count} operators, more than the ${MOST_NODES} that can be explained.`,
    { code: 'model-too-large', fix: 'Export a part of the network, or export it with its operators fused.' },
  );
}

/**
 * A report names every class, its logit, and its probability, and what reads reports has the same bound.
 * @throws LensError of kind `model` for a network of more classes than a report can name
 */
export function requireClasses(count: number, source: string): void {
  if (count <= REPORT_BOUNDS.labels) return;
  throw new LensError(
    'model',
    `${source}: too large: it has ${count} classes, more than the ${REPORT_BOUNDS.labels} that a report can hold.`,
    { code: 'model-too-large', fix: 'Export the network with only the classes that you want to look at.' },
  );
}

const describe = ({ name, dims, bytes }: LargestTensor): string =>
  `"${name}" of shape [${dims.join(', ')}] and ${size(bytes)}`;

/** Three digits, in the unit that fits. */
function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  const power = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), units.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power] ?? ''}`;
}
