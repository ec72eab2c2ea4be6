/** Runs of a graph on a device: times, results against the CPU's, and where nodes ran. */
import { threadCount } from '../server/src/pipeline/workbench/placement';
import type { NodePlacement } from '../server/src/runtime/node-placement';
import { createSession } from '../server/src/runtime/onnxruntime';
import type { Provider, Tensor } from '../server/src/runtime/session';
import { timed } from './networks';

export const WARM_UP = 2;

export type Results = Readonly<Record<string, Tensor>>;

export interface Run {
  readonly load: number;
  readonly first: number;
  readonly times: readonly number[];
  readonly results: Results;
  readonly placement: NodePlacement | null;
}

export async function measureGraph(
  provider: Provider,
  model: Uint8Array,
  feeds: Results,
  repeats: number,
): Promise<Run> {
  const start = performance.now();
  const session = await createSession(model, {
    provider,
    threads: threadCount(null),
    recordPlacement: true,
  });
  const load = performance.now() - start;
  try {
    const first = await timed(() => session.run(feeds));
    const placement = await session.nodePlacement();
    let results = await session.run(feeds);
    for (let i = 2; i < WARM_UP; i++) results = await session.run(feeds);
    const times: number[] = [];
    for (let i = 0; i < repeats; i++) times.push(await timed(() => session.run(feeds)));
    return { load, first, times, results, placement };
  } finally {
    await session.dispose();
  }
}

export interface Difference {
  readonly absolute: number;
  /** Of the largest magnitude of the tensor on the CPU. */
  readonly relative: number;
}

export type Values = ArrayLike<number>;

/** The largest over pairs of arrays. */
export function differenceOf(expected: readonly Values[], found: readonly Values[]): Difference {
  let absolute = 0;
  let relative = 0;
  expected.forEach((a, index) => {
    const b = found[index];
    if (b?.length !== a.length) throw new Error('A result is missing or has another size.');
    let range = 0;
    let apart = 0;
    for (let i = 0; i < a.length; i++) {
      range = Math.max(range, Math.abs(Number(a[i])));
      const difference = Math.abs(Number(a[i]) - Number(b[i]));
      apart = Number.isNaN(difference) ? Infinity : Math.max(apart, difference);
    }
    absolute = Math.max(absolute, apart);
    if (apart > 0) relative = Math.max(relative, apart / range);
  });
  return { absolute, relative };
}

export function placementText(placement: NodePlacement | null): string {
  if (placement === null) return 'not known';
  const counts = placement.providers.map(({ provider, nodes }) => `${provider} ${nodes}`).join(', ');
  const operators = placement.onCpu.map(({ operator, nodes }) => `${operator} ${nodes}`).join(', ');
  const copies = `${placement.copies.nodes} copies, ${placement.copies.bytes} bytes`;
  return operators === '' ? counts : `${counts} (${operators}); ${copies}`;
}

export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
