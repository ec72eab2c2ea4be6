/** Reads a report folder back: its report.json, checked as far as the panel relies on it, and its raw maps. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import type { Failure, Outcome } from '../../../protocol/failure';
import type { Report } from '../../../protocol/report';

const fix = 'Analyze the image again to get a new report.';

const failed = (message: string): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { kind: 'usage', message, fix },
});

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** @param folder the folder that holds report.json */
export async function readReport(folder: string): Promise<Outcome<Report>> {
  const file = join(folder, 'report.json');
  try {
    return parseReport(file, await readFile(file, 'utf8'));
  } catch (error) {
    return failed(`The report ${file} cannot be read: ${reason(error)}`);
  }
}

/** The parts that the panel cannot do without, and what each has to be. */
const parts: readonly (readonly [name: keyof Report, expected: 'object' | 'array' | 'string'])[] = [
  ['processId', 'string'],
  ['timestamp', 'string'],
  ['mapsFile', 'string'],
  ['software', 'object'],
  ['device', 'object'],
  ['model', 'object'],
  ['input', 'object'],
  ['detection', 'object'],
  ['preprocess', 'object'],
  ['target', 'object'],
  ['classifier', 'object'],
  ['methods', 'array'],
  ['layers', 'array'],
  ['warnings', 'array'],
  ['timings', 'array'],
];

export function parseReport(file: string, text: string): Outcome<Report> {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return failed(`${file}: expected JSON, but ${reason(error)}`);
  }
  if (kind(found) !== 'object') return failed(`${file}: expected a report object, found ${kind(found)}.`);
  const report = found as Record<string, unknown>;
  if (report['version'] !== 1) {
    return failed(`${file}: expected report version 1, found ${String(report['version'])}.`);
  }
  for (const [name, expected] of parts) {
    const actual = kind(report[name]);
    if (actual !== expected) return failed(`${file}: expected "${name}" to be ${expected}, found ${actual}.`);
  }
  return { ok: true, value: found as Report };
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The file of raw maps of a report, or of a run that goes on. */
export interface MapsPlace {
  /** Absolute path of the report folder. */
  readonly folder: string;
  /** Relative to it. */
  readonly mapsFile: string;
}

/** The raw maps' bytes. The name comes from the report, so it may not lead out of the folder. */
export async function readMaps({ folder, mapsFile }: MapsPlace): Promise<Outcome<Buffer>> {
  const inside = normalize(mapsFile);
  if (isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)) {
    return failed(`The report names ${mapsFile} for its raw maps, which lies outside its folder.`);
  }
  try {
    return { ok: true, value: await readFile(join(folder, inside)) };
  } catch (error) {
    return failed(`The raw maps cannot be read: ${reason(error)}`);
  }
}
