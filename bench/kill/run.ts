/**
 * `npm run kill [kind...] [-- --seed 1 --count 20]`: kills what works, at random moments, and checks that nothing is lost.
 *
 * After every kill: whatever has a report's name is a whole report with the numbers of an undisturbed run, what the store lists
 * is whole, the user's files are as they were. After the last: the work succeeds, and no unfinished file is left. Exits with 1 at
 * the first loss, with the seed that repeats it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { Random } from '../fuzz/random';
import type { Ending, KillKind } from './kind';
import { findKind, kinds } from './kinds';

/** One that finishes before its kill comes is not a kill: so many more are tried before fewer will do. */
const ATTEMPTS = 4;

/** How often each ending was seen. @throws AssertionError at the first loss */
export async function killAll(
  kind: KillKind,
  seed: number,
  kills = kind.kills,
): Promise<Record<Ending, number>> {
  const folder = mkdtempSync(join(tmpdir(), `lens-kill-${kind.name}-`));
  try {
    const endings: Record<Ending, number> = { killed: 0, 'finished first': 0 };
    const victim = await kind.open(folder);
    for (let i = 0; endings.killed < kills && i < ATTEMPTS * kills; i++)
      endings[await victim.kill(new Random(seed, i))] += 1;
    await victim.end();
    return endings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.list || values.help) {
    console.log('npm run kill [kind...] [-- --seed <n> --count <n>]\n');
    for (const { name, kills, about } of kinds) console.log(`  ${name.padEnd(10)} ${kills} kills: ${about}`);
    return;
  }
  const seed = Number(values.seed);
  for (const kind of positionals.length === 0 ? kinds : positionals.map(findKind)) {
    const endings = await killAll(kind, seed, Number(values.count ?? kind.kills));
    console.log(
      `${kind.name}, seed ${seed}: ${endings.killed} killed, ${endings['finished first']} finished first, nothing lost`,
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
