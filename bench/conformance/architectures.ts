/**
 * Compares networks with PyTorch, from a folder that test/reference/conformance/make_models.py filled; prints a line each and what
 * disagrees, exits 1 where anything does. `--write` writes docs/conformance.md, `--only TEXT` takes networks with that in their names,
 * `--jobs N` works in N processes.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../server/src/system/paths';
import { layerTable } from './layer-tables';
import type { Outcome } from './measure';
import { faultsOf, measure } from './measure';
import type { Row } from './page';
import { conformancePage, EXPORTERS } from './page';
import type { Reference } from './reference';
import { namesIn, referencesIn } from './reference';

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
  const summary = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
  return `logits ${logits.toExponential(0)}, ${summary}, worst ${worst.toExponential(0)}`;
}

async function measured(folder: string, names: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const reference of referencesIn(folder)) {
    if (!names.includes(reference.name)) continue;
    const outcomes = await outcomesOf(reference, folder);
    for (const [exporter, outcome] of Object.entries(outcomes)) {
      const faults = faultsOf(reference, outcome).map((fault) => `  ${fault}\n`);
      process.stdout.write(`${reference.name}, ${exporter}: ${summary(outcome)}\n${faults.join('')}`);
    }
    if (reference.whole)
      process.stdout.write(
        layerTable(
          reference.name,
          EXPORTERS.map((each) => outcomes[each]),
        ),
      );
    rows.push({ reference: { ...reference, image: new Float32Array(), tensors: [] }, outcomes });
  }
  return rows;
}

/** One of several processes: what it found goes into a file. */
async function inProcess(folder: string, names: readonly string[], index: number): Promise<readonly Row[]> {
  const own = mkdtempSync(join(tmpdir(), `conformance-${index}-`));
  const asked = join(own, 'names.json');
  writeFileSync(asked, JSON.stringify(names));
  const found = join(own, 'rows.json');
  const command = ['--import', 'tsx', __filename, folder, '--names', asked, '--rows', found];
  const child = spawn(process.execPath, command, { stdio: 'inherit' });
  await new Promise((resolve) => child.once('close', resolve));
  const rows = JSON.parse(readFileSync(found, 'utf8')) as readonly Row[];
  rmSync(own, { recursive: true });
  return rows;
}

function write(rows: readonly Row[]): void {
  const path = join(projectRoot(), 'docs', 'conformance.md');
  writeFileSync(path, conformancePage(rows, existsSync(path) ? readFileSync(path, 'utf8') : ''));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      write: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      jobs: { type: 'string', default: '1' },
      names: { type: 'string' },
      rows: { type: 'string' },
    },
  });
  const [folder = ''] = positionals;
  if (values.names !== undefined && values.rows !== undefined) {
    const names = JSON.parse(readFileSync(values.names, 'utf8')) as readonly string[];
    writeFileSync(values.rows, JSON.stringify(await measured(folder, names)));
    return;
  }
  const names = namesIn(folder).filter((name) => name.includes(values.only));
  const jobs = Math.max(1, Number(values.jobs));
  const shares = Array.from({ length: jobs }, (_, job) => names.filter((_name, i) => i % jobs === job));
  const found = await Promise.all(shares.map((share, job) => inProcess(folder, share, job)));
  const rows = found.flat().sort((a, b) => (a.reference.name < b.reference.name ? -1 : 1));
  if (values.write) write(rows);
  const faulty = rows.flatMap((row) =>
    Object.values(row.outcomes).flatMap((outcome) => faultsOf(row.reference, outcome)),
  );
  process.stdout.write(`${rows.length} networks, ${faulty.length} faults\n`);
  process.exitCode = faulty.length > 0 || rows.length === 0 ? 1 : 0;
}

void main();
