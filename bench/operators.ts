/**
 * `npm run bench operators [-- --device cuda]`: kernel times of the explain graph and of a forward pass by kind of operator, with the rates at which they
 * compute and move memory. Both sessions run in turn in one process; profiling itself slows them by about a tenth.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainSession, forwardSession, network } from './explain-sessions';
import { kernelsOf, type Kernels } from './kernels';
import { parseArgs } from 'node:util';
import type { Provider } from '../server/src/runtime/session';
import { busy, effortOf, effortOptions, main } from './script';
import { grid } from './table';

const WARM_UP = 2;

/** Kinds that take less than this are one row. */
const LEAST_MS = 1;

async function measure(): Promise<string> {
  const { values } = parseArgs({ options: { ...effortOptions, device: { type: 'string', default: 'cpu' } } });
  const { repeats } = effortOf(values, 9);
  const provider = values.device as Provider;
  const folder = await mkdtemp(join(tmpdir(), 'lens-profile-'));
  try {
    const built = await network();
    const options = (name: string) => ({ provider, threads: 2, profilePrefix: join(folder, name) }) as const;
    const forward = await forwardSession(built, options('forward'));
    const explain = await explainSession(built, null, options('explain'));
    busy('forward and explain in turn');
    for (let run = 0; run < WARM_UP + repeats; run++) {
      await forward.run();
      await explain.run();
    }
    await Promise.all([forward.dispose(), explain.dispose()]);
    return report(await read(folder, 'forward'), await read(folder, 'explain'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The runtime adds the time to the name. */
async function read(folder: string, name: string): Promise<readonly Kernels[]> {
  const file = (await readdir(folder)).find((entry) => entry.startsWith(name)) ?? name;
  return kernelsOf(await readFile(join(folder, file), 'utf8'), WARM_UP);
}

function report(forward: readonly Kernels[], explain: readonly Kernels[]): string {
  const of = (list: readonly Kernels[], kind: string): Kernels =>
    list.find((each) => each.kind === kind) ?? { ...NOTHING, kind };
  const kinds = [...new Set([...explain, ...forward].map(({ kind }) => kind))];
  const pairs = kinds.map((kind) => ({ f: of(forward, kind), e: of(explain, kind) }));
  const large = pairs.filter(({ f, e }) => Math.max(f.milliseconds, e.milliseconds) >= LEAST_MS);
  const small = pairs.filter((pair) => !large.includes(pair));
  const rows = [
    ...large,
    {
      f: sum(
        'others',
        small.map(({ f }) => f),
      ),
      e: sum(
        'others',
        small.map(({ e }) => e),
      ),
    },
    { f: sum('all', forward), e: sum('all', explain) },
  ];
  const ratio = sum('', explain).milliseconds / sum('', forward).milliseconds;
  return [
    grid(
      [
        'EfficientNet-B5 at 380',
        'forward ms',
        'nodes',
        'GMAC/s',
        'GB/s',
        'explain ms',
        'nodes',
        'GMAC/s',
        'GB/s',
      ],
      rows.map(({ f, e }) => [e.kind, ...cells(f), ...cells(e)]),
    ),
    '',
    `Kernels of explain over those of forward: ${ratio.toFixed(2)}.`,
  ].join('\n');
}

const NOTHING = { nodes: 0, milliseconds: 0, gigaMacs: 0, gigabytes: 0 } as const;

const sum = (kind: string, list: readonly Kernels[]): Kernels =>
  list.reduce(
    (total: Kernels, each) => ({
      kind,
      nodes: total.nodes + each.nodes,
      milliseconds: total.milliseconds + each.milliseconds,
      gigaMacs: total.gigaMacs + each.gigaMacs,
      gigabytes: total.gigabytes + each.gigabytes,
    }),
    { ...NOTHING, kind },
  );

function cells({ milliseconds, nodes, gigaMacs, gigabytes }: Kernels): readonly string[] {
  if (nodes === 0) return ['', '', '', ''];
  const rate = (amount: number): string =>
    amount === 0 ? '' : ((amount * 1e3) / milliseconds).toFixed(amount * 1e3 < milliseconds ? 1 : 0);
  return [milliseconds.toFixed(1), String(nodes), rate(gigaMacs), rate(gigabytes)];
}

main(measure);
