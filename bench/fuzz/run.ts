/**
 * `npm run fuzz [kind...] [-- --seed 1 --count 2000]`: breaks good inputs from a seed and tries the product on each.
 *
 *     npm run fuzz                                             every kind, all of its cases
 *     npm run fuzz onnx -- --seed 7 --count 300
 *     npm run fuzz onnx -- --seed 7 --from 1234 --count 1      one case again
 *     npm run fuzz onnx -- --seed 7 --from 1234 --write case   writes it into the folder `case` instead
 *
 * A case is a number: the same seed and number make the same input on every machine. It fails where the process crashes or is
 * ended, where anything is thrown that is not an error meant for users ("a bug of ours"), after 2 s of CPU time and 10 ms a drawn layer (or 60 s on the
 * clock), and above 512 MiB more than the idle process takes. Exits with 1 if a case failed.
 *
 * How it is built: `kinds.ts` is the registry, `kind.ts` what a kind has to give; `runner.ts` forks `worker.ts`, which opens the
 * kind, measures idle, and runs case after case; a case that kills it is counted and the next worker continues after it.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { FuzzKind } from './kind';
import { findKind, kinds } from './kinds';
import { Random } from './random';
import type { Tally } from './runner';
import { mebibytes, runCases } from './runner';

const usage = `npm run fuzz [kind...] [-- --seed <n> --count <n> --from <n> --write <folder>]

${kinds.map(({ name, about, cases }) => `  ${name.padEnd(12)} ${String(cases).padStart(6)} cases: ${about}`).join('\n')}`;

function report({ name }: FuzzKind, seed: number, tally: Tally): void {
  const rows = [...tally.outcomes].sort((a, b) => b[1] - a[1]);
  for (const [outcome, cases] of rows)
    console.log(`${String(cases).padStart(7)}  ${outcome.split('\n')[0] ?? ''}`);
  const { cases, accepted, slowest, peakBytes, violations } = tally;
  console.log(
    `\n${name}, seed ${seed}: ${cases} cases, ${accepted} accepted, ${rows.length} outcomes, slowest ${slowest.toFixed(2)} s of ` +
      `CPU time, largest peak ${mebibytes(peakBytes)} MiB above idle, ${violations.length} violations`,
  );
  for (const violation of violations) console.log(`VIOLATION ${name} ${violation}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      count: { type: 'string' },
      write: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.list || values.help) {
    console.log(usage);
    return;
  }
  const [seed, first] = [Number(values.seed), Number(values.from)];
  const chosen = positionals.length === 0 ? kinds : positionals.map(findKind);
  if (values.write !== undefined) {
    const fuzzer = await chosen[0]?.open();
    const folder = resolve(values.write);
    mkdirSync(folder, { recursive: true });
    const made = await fuzzer?.make(new Random(seed, first), folder);
    await fuzzer?.close?.();
    console.log(`${made?.path ?? ''}: made from ${made?.sample ?? ''}`);
    return;
  }
  for (const kind of chosen) {
    const end = first + Number(values.count ?? kind.cases);
    const tally = await runCases({ kind: kind.name, seed, first, end });
    report(kind, seed, tally);
    if (tally.violations.length > 0) process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
