/** Problems of the network itself, found by the last analysis: layers that are not finite or dead, at the lens that was obeyed, else at the model's file. */
import { pathToFileURL } from 'node:url';
import { DiagnosticSeverity, type Connection, type Diagnostic } from 'vscode-languageserver';
import { HEALTH_MARKS, type HealthMark } from '../../../protocol/vocabulary';
import type { LayerReport, Report } from '../../../protocol/report';
import { SOURCE } from '../language/lens/problems';
import type { WorkspaceFolders } from './folders';

/** NaN and infinity make everything after them meaningless; a dead layer is worth a look. */
const ERRORS: ReadonlySet<HealthMark> = new Set(['nan', 'inf']);

/** What belongs to the network rather than to one picture and target. */
const GRAVE = HEALTH_MARKS.filter(({ grave }) => grave);

/** Layers that are named in one problem. */
const MOST_NAMED = 8;

export class LayerHealth {
  private readonly found = new Map<string, readonly Diagnostic[]>();

  /** @param renew publishes the file's other problems again, together with these */
  constructor(
    private readonly connection: Connection,
    private readonly folders: WorkspaceFolders,
    private readonly renew: (uri: string) => boolean,
  ) {}

  /** Takes the newest analysis with that lens or model, which replaces the results of older ones. */
  examine({ lens, model, layers, input }: Report): void {
    const path = lens?.path ?? model.path;
    // Weights in the store and those that ship are not files that the user edits.
    if (path === null || this.folders.of(path) === null) return;
    const uri = pathToFileURL(path).href;
    const diagnostics = GRAVE.flatMap((mark) => problemOf(mark, layers, model.name, input.path));
    if (diagnostics.length === 0 && !this.found.has(uri)) return;
    if (diagnostics.length === 0) this.found.delete(uri);
    else this.found.set(uri, diagnostics);
    if (!this.renew(uri)) void this.connection.sendDiagnostics({ uri, diagnostics: [...diagnostics] });
  }

  of(uri: string): readonly Diagnostic[] {
    return this.found.get(uri) ?? [];
  }
}

function problemOf(
  { id, title }: (typeof HEALTH_MARKS)[number],
  layers: readonly LayerReport[],
  model: string,
  image: string,
): readonly Diagnostic[] {
  const marked = layers.filter(({ health }) => health.includes(id)).map(({ name }) => name);
  if (marked.length === 0) return [];
  const more = marked.length > MOST_NAMED ? ` and ${marked.length - MOST_NAMED} more` : '';
  const names = `${marked.slice(0, MOST_NAMED).join(', ')}${more}`;
  const start = { line: 0, character: 0 };
  return [
    {
      ...{ source: SOURCE, code: id, range: { start, end: start } },
      severity: ERRORS.has(id) ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
      message: `${title} ${marked.length} of ${layers.length} layers of ${model}, on ${image}: ${names}.`,
    },
  ];
}
