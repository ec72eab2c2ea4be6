/**
 * Reads the text of a report.json, which may come from anyone: the one way by which engine, server, extension and panel come to a
 * `Report` that they did not make themselves. What is taken has the schema's form (report-check.ts, generated from it) and keeps
 * the bounds of report-bounds.ts; nothing else of it may be trusted: its paths may lead anywhere, its numbers may be invented.
 */
import { found, type Problem } from './check';
import { jsonExcess } from './json-bounds';
import type { Report } from './report';
import { REPORT_BOUNDS, boundsProblem } from './report-bounds';
import { checkReportForm } from './report-check';
import { fromVersion1 } from './upgrade-report';

/** The form that this program writes; it reads version 1 as well. */
export const REPORT_VERSION = 2;

/** `fault` ends a sentence that begins with the file's name and a colon. */
export type ReadReport =
  /** `asWritten`: it was in this form already. */
  | { readonly ok: true; readonly report: Report; readonly asWritten: boolean }
  | { readonly ok: false; readonly fault: string; readonly fix: string };

const AGAIN = 'Analyze the image again to get a new report.';

const refused = (fault: string, fix = AGAIN): ReadReport => ({ ok: false, fault, fix });

export function parseReport(json: string): ReadReport {
  const excess = jsonExcess(json, REPORT_BOUNDS.json);
  if (excess !== null) return refused(`expected a report, found JSON with ${excess}`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return refused(`expected JSON, but ${reasonOf(error)}`);
  }
  return readReport(value);
}

/** As `parseReport`, of what was parsed already; the panel's messages come so. */
export function readReport(value: unknown): ReadReport {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refused(`expected a report object, found ${found(value)}`);
  const { version } = value as { readonly version?: unknown };
  if (version !== REPORT_VERSION && version !== 1) return otherVersion(version);
  const current = version === 1 ? fromVersion1(value as Readonly<Record<string, unknown>>) : value;
  const wrong = checkReportForm(current) ?? boundsProblem(current as Report);
  return wrong === null
    ? { ok: true, report: current as Report, asWritten: current === value }
    : refused(faultOf(wrong, current));
}

function otherVersion(version: unknown): ReadReport {
  const versions = `expected report version ${REPORT_VERSION}, found ${found(version)}`;
  if (typeof version === 'number' && version > REPORT_VERSION)
    return refused(
      `${versions}: it was written by a newer Inference Lens`,
      'Update Inference Lens to open it.',
    );
  if (typeof version === 'number')
    return refused(
      `${versions}: it was written by an older Inference Lens, whose reports are no longer read`,
    );
  return refused(versions);
}

/** A part that is not there may be one that the program of that time did not write yet. */
function faultOf({ at, expected, found: what }: Problem, value: object): string {
  const fault = `expected "${at}" to be ${expected}; found ${what}`;
  const { software } = value as { readonly software?: { readonly inferenceLens?: unknown } | null };
  const writer = software?.inferenceLens;
  return what === 'nothing' && typeof writer === 'string'
    ? `${fault}. It was written by Inference Lens ${writer.slice(0, 40)}, which may be too old`
    : fault;
}

/**
 * V8 quotes the text around the position, which may be anything: only V8's own words are passed on, on one
 * line.
 */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, 160);
}
