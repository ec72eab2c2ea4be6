/** From a layer to the code that makes it: the line that the model file names, else where the workspace's Python makes the module. */
import { resolve } from 'node:path';
import { Position, Range, Uri, window, workspace } from 'vscode';
import type { SentToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import { t } from '../l10n';
import { isInside } from '../report/paths';
import { attributesOf, likeliest, modulesMade, type Assigned } from './moduleSource';
import { otherColumn } from './place';

interface Place {
  readonly uri: Uri;
  /** Counted from 0. */
  readonly line: number;
}

/** @returns what to say where there is nothing to open; null where it was opened, or the reader chose nothing */
export async function goToSource(report: Report, layer: string): Promise<SentToPanel | null> {
  const source = report.layers.find(({ name }) => name === layer)?.source;
  const named = source === undefined ? null : await placeOf(source);
  if (named !== null) return show(named);
  const made = await madeInWorkspace(layer);
  if (made.length > 0) return choose(layer, made);
  const text =
    source === undefined
      ? t('No Python file in this workspace creates the module of {0}.', layer)
      : t('{0} is created at {1}, which is not in this workspace.', layer, source);
  return { type: 'notice', text, failed: true };
}

async function show({ uri, line }: Place): Promise<null> {
  const at = new Position(line, 0);
  await window.showTextDocument(uri, { viewColumn: otherColumn(), selection: new Range(at, at) });
  return null;
}

/**
 * The model was exported on any machine: the file is that of the workspace with the longest end of the path in common. What the report
 * names outside of the workspace is never opened.
 */
async function placeOf(source: string): Promise<Place | null> {
  const [, path = '', line = '1'] = /^(.*):(\d+)$/.exec(source) ?? [];
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '..' && part !== '.');
  for (const { uri } of workspace.workspaceFolders ?? []) {
    for (let from = 0; from < parts.length; from++) {
      const candidate = resolve(uri.fsPath, ...parts.slice(from));
      if (!isInside(candidate, uri.fsPath)) continue;
      const found = Uri.file(candidate);
      const isFile = await workspace.fs.stat(found).then(
        ({ type }) => (type & 1) === 1,
        () => false,
      );
      if (isFile) return { uri: found, line: Math.max(0, Number(line) - 1) };
    }
  }
  return null;
}

/** Files that are looked at, and bytes of one: programs, not data. */
const MOST = { files: 2000, bytes: 1_000_000 } as const;

const LIBRARIES = '**/{node_modules,site-packages,.venv,venv,.tox,build,dist}/**';

async function madeInWorkspace(layer: string): Promise<readonly (readonly [Uri, Assigned])[]> {
  const attributes = attributesOf(layer);
  if (attributes.length === 0) return [];
  const files = await workspace.findFiles('**/*.py', LIBRARIES, MOST.files);
  const read = files.map(async (uri): Promise<readonly [Uri, readonly Assigned[]]> => {
    const { size } = await workspace.fs.stat(uri);
    if (size > MOST.bytes) return [uri, []];
    return [uri, modulesMade(Buffer.from(await workspace.fs.readFile(uri)).toString('utf8'), attributes)];
  });
  // A file that cannot be read makes nothing here.
  const settled = await Promise.allSettled(read);
  const readable = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  return likeliest(readable, attributes);
}

/** Opens the only one at once; of several the reader takes one. */
async function choose(layer: string, made: readonly (readonly [Uri, Assigned])[]): Promise<null> {
  const places = made.map(([uri, { line, text }]) => ({
    label: text,
    description: `${workspace.asRelativePath(uri)}:${line + 1}`,
    place: { uri, line },
  }));
  const [only] = places;
  const chosen =
    only !== undefined && places.length === 1
      ? only
      : await window.showQuickPick(places, {
          title: t('Several lines may create the module of {0}', layer),
          matchOnDescription: true,
        });
  return chosen === undefined ? null : show(chosen.place);
}
