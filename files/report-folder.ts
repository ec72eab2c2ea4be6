/** Reads report folders, which may come from anyone: report.json checked, raw maps by range, no file of any other folder. */
import { join } from 'node:path';
import type { Failure, Outcome } from '../protocol/failure';
import type { PackedJson } from '../protocol/panel';
import { parseReport, type ReadReport } from '../protocol/read-report';
import type { MapSlice, RelativePath, Report } from '../protocol/report';
import { REPORT_BOUNDS, endOf, mapsEnd, visitFiles } from '../protocol/report-bounds';
import { NamedFiles } from './named-files';
import { packedJson } from './packed-json';
import { FileRefusal, readFileBelow, withFile } from './regular-file';

export const REPORT_FILE = 'report.json';

const AGAIN = 'Analyze the image again to get a new report.';

const failed = (message: string, fix: string = AGAIN): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { kind: 'usage', code: 'no-report', message, fix },
});

/** The result of `read`, or a failure that names the file, what was expected of it and what was found. */
async function outcomeOf<T>(file: string, expected: string, read: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    if (!(error instanceof FileRefusal)) throw error;
    return failed(`${file}: expected ${expected}, ${error.message}.`);
  }
}

/** report.json as it is. @param folder the folder that holds it */
export const readReportBytes = (folder: string): Promise<Outcome<Buffer>> =>
  outcomeOf(join(folder, REPORT_FILE), 'a report', () =>
    readFileBelow(folder, REPORT_FILE, REPORT_BOUNDS.file),
  );

/**
 * @param folder the folder that holds report.json
 * @returns a report of the right form whose paths stay below the folder; its files may be missing, which each view says of its own
 */
export async function readReportFolder(folder: string): Promise<Outcome<Report>> {
  const bytes = await readReportBytes(folder);
  if (!bytes.ok) return bytes;
  const read = parsed(folder, bytes.value);
  return read.ok ? { ok: true, value: read.value.report } : read;
}

type Parsed = Extract<ReadReport, { ok: true }>;

function parsed(folder: string, bytes: Buffer): Outcome<Parsed> {
  const file = join(folder, REPORT_FILE);
  const text = textOf(bytes);
  if (text === null) return failed(`${file}: expected JSON, found bytes that are not UTF-8 text.`);
  const read = parseReport(text);
  return read.ok ? { ok: true, value: read } : failed(`${file}: ${read.fault}.`, read.fix);
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

export interface OpenedReport {
  readonly report: Report;
  readonly json: PackedJson;
}

/** For showing the report's pictures: the report, once all files that it names have been looked at. Its text is packed meanwhile. */
export async function openReport(folder: string): Promise<Outcome<OpenedReport>> {
  const bytes = await readReportBytes(folder);
  if (!bytes.ok) return bytes;
  const packing = packedJson(bytes.value);
  packing.catch(() => undefined); // until somebody waits for it
  const read = parsed(folder, bytes.value);
  if (!read.ok) return read;
  const { report, asWritten } = read.value;
  const files = await checkFiles(folder, report);
  if (!files.ok) return files;
  const json = await (asWritten ? packing : packedJson(Buffer.from(JSON.stringify(report))));
  return { ok: true, value: { report, json } };
}

/**
 * Looks at every file that a report names, since the panel that shows the report will open them: none may be a pipe, a device or a link
 * out of the folder. One that is missing is not a problem: it is shown as missing.
 */
async function checkFiles(folder: string, report: Report): Promise<Outcome<null>> {
  const paths: RelativePath[] = [];
  visitFiles(report, (path) => paths.push(path));
  const found = await new NamedFiles(folder).firstProblem(paths);
  if (found !== null) {
    let where = '';
    visitFiles(report, (path, at) => {
      if (where === '' && path === found.name) where = at();
    });
    return failed(
      `${join(folder, REPORT_FILE)}: expected "${where}" to name a file of the report; ${found.name}: ${found.problem}.`,
    );
  }
  return { ok: true, value: null };
}

/**
 * Most bytes of raw maps in one answer to a panel: they are sent as text, and several copies exist on the
 * way.
 */
export const MOST_MAPS = 96_000_000;

/** The file of raw maps of a report, or of a run that goes on. */
export interface MapsPlace {
  /** Absolute path of the report folder. */
  readonly folder: string;
  /** Relative to it. */
  readonly mapsFile: RelativePath;
  /** Of a report that is whole: what its layers need. */
  readonly least?: number;
}

export const mapsPlace = (folder: string, report: Report): MapsPlace => ({
  folder,
  mapsFile: report.mapsFile,
  least: mapsEnd(report),
});

/** Bytes of the maps that are requested, float32 in little-endian order; the rest of the file stays where it is. */
export const readMapSlices = (
  { folder, mapsFile, least = 0 }: MapsPlace,
  slices: readonly MapSlice[],
): Promise<Outcome<readonly Buffer[]>> =>
  outcomeOf(join(folder, mapsFile), 'the raw maps of the report', () =>
    withFile(folder, mapsFile, Number.MAX_SAFE_INTEGER, async ({ bytes, read }) => {
      requireBytes(bytes, least);
      const wanted = slices.reduce((sum, slice) => sum + endOf(slice) - slice.offset, 0);
      if (wanted > MOST_MAPS)
        throw new FileRefusal(
          `found ${wanted} bytes asked for at once; at most ${MOST_MAPS / 1e6} MB are read`,
        );
      const parts: Buffer[] = [];
      for (const slice of slices) {
        requireBytes(bytes, endOf(slice));
        parts.push(await read(slice.offset, endOf(slice) - slice.offset));
      }
      return parts;
    }),
  );

/** One map's bytes; the rest of the file stays where it is. */
export const readMapBytes = (
  folder: string,
  { mapsFile }: Pick<Report, 'mapsFile'>,
  slice: MapSlice,
): Promise<Outcome<Buffer>> =>
  outcomeOf(join(folder, mapsFile), 'the raw maps of the report', () =>
    withFile(folder, mapsFile, Number.MAX_SAFE_INTEGER, ({ bytes, read }) => {
      requireBytes(bytes, endOf(slice));
      return read(slice.offset, endOf(slice) - slice.offset);
    }),
  );

function requireBytes(bytes: number, least: number): void {
  if (bytes < least) throw new FileRefusal(`found ${bytes} bytes; its layers need ${least}`);
}
