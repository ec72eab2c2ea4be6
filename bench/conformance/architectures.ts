/**
 * Compares networks with PyTorch, from a folder that test/reference/conformance/make_models.py filled; prints a line each and what
 * disagrees, exits 1 where anything does. `--write` writes docs/conformance.md, `--only TEXT` takes networks with that in their names.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../server/src/system/paths';
import type { Outcome } from './measure';
import { faultsOf, measure } from './measure';
import type { Row } from './page';
import { conformancePage, EXPORTERS } from './page';
import type { Reference } from './reference';
import { referencesIn } from './reference';

async function outcomesOf(reference: Reference, folder: string): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const exporter of EXPORTERS) {
    const exported = reference.exports[exporter];
    if (exported === undefined) continue;
    outcomes[exporter] =
      'failure' in exported
        ? { is: 'not exported', why: exported.failure }
        : await measure(reference, exported, join(folder, exported.file));
  }
  return outcomes;
}

function summary(outcome: Outcome): string {
  if (outcome.is !== 'measured') return outcome.is;
  const { logits, layers } = outcome.measured;
  const counts = new Map<string, number>();
  for (const { verdict, named } of layers) {
    const key = verdict === 'agrees' && !named ? 'agrees, not a module' : verdict;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const worst = Math.max(
    0,
    ...layers.map(({ verdict, difference }) => (verdict === 'agrees' ? (difference ?? 0) : 0)),
  );
  const said = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
  return `logits ${logits.toExponential(0)}, ${said}, worst ${worst.toExponential(0)}`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
  });
  const [folder = ''] = positionals;
  const rows: Row[] = [];
  let faulty = 0;
  for (const reference of referencesIn(folder)) {
    if (!reference.name.includes(values.only)) continue;
    const outcomes = await outcomesOf(reference, folder);
    for (const [exporter, outcome] of Object.entries(outcomes)) {
      process.stdout.write(`${reference.name}, ${exporter}: ${summary(outcome)}\n`);
      const faults = faultsOf(reference, outcome);
      faulty += faults.length;
      for (const fault of faults) process.stdout.write(`  ${fault}\n`);
    }
    rows.push({ reference: { ...reference, tensors: [] }, outcomes });
  }
  rows.sort((a, b) => (a.reference.name < b.reference.name ? 1 : -1)).reverse();
  if (values.write) writeFileSync(join(projectRoot(), 'docs', 'conformance.md'), conformancePage(rows));
  process.stdout.write(`${rows.length} networks, ${faulty} faults\n`);
  process.exitCode = faulty > 0 || rows.length === 0 ? 1 : 0;
}

void main();
