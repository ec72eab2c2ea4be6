/** Paths of images in text documents of any editor: hover, and Analyze as a code action. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CodeActionKind,
  type CodeAction,
  type Hover,
  type Position,
  type Range,
} from 'vscode-languageserver';
import { describeImage, findImage, nameOf } from '../../../files/image-references';
import { imagePathAt, imagePathsIn, type ImagePath } from '../../../protocol/image-paths';
import { percentage } from '../../../protocol/percentage';
import type { Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { tellingLayer } from '../../../protocol/telling';
import { address, code, escaped, picture } from '../language/markdown';
import type { TextDocument } from '../language/text-document';
import { pathOf } from './documents';
import type { WorkspaceFolders } from './folders';
import type { Trust } from './trust';

export const ANALYZE_FILE = 'inferenceLens.analyzeFile';

/** What the last analysis of an image found. */
interface LastReport {
  readonly folder: string;
  readonly verdict: string;
  readonly heatmap: string | null;
}

/** Images whose last report is remembered. */
const MOST_REMEMBERED = 500;

/** Pixels of a thumbnail's longer side. */
const THUMBNAIL = 160;

export class ImageLanguage {
  private readonly last = new Map<string, LastReport>();

  constructor(
    private readonly folders: WorkspaceFolders,
    private readonly trust: Trust,
  ) {}

  remember({ folder, report }: FinishedReport): void {
    this.last.delete(report.input.path);
    this.last.set(report.input.path, lastOf(folder, report));
    const [oldest] = this.last.keys();
    if (this.last.size > MOST_REMEMBERED && oldest !== undefined) this.last.delete(oldest);
  }

  async hover(document: TextDocument, { line, character }: Position): Promise<Hover | null> {
    const named = imagePathAt(document.lineAt(line), character);
    const path = named === null ? null : await this.find(document, named);
    if (named === null || path === null) return null;
    const image = await describeImage(path);
    const size = image.size === null ? '' : `${image.size.width} x ${image.size.height} pixels, `;
    const last = this.last.get(path);
    const kept = last === undefined ? false : (await stat(last.folder).catch(() => null)) !== null;
    const parts = [
      picture(path, THUMBNAIL),
      `${code(nameOf(image))}: ${size}${Math.ceil(image.bytes / 1000).toLocaleString('en-US')} kB`,
      ...(last !== undefined && kept ? verdictOf(last) : ['Not analyzed yet.']),
    ];
    const start = { line, character: named.start };
    const range = { start, end: { line, character: named.start + named.length } };
    return { contents: { kind: 'markdown', value: parts.join('\n\n') }, range };
  }

  async actions(document: TextDocument, { start }: Range): Promise<readonly CodeAction[]> {
    const text = document.lineAt(start.line);
    const all = imagePathsIn(text);
    const named = imagePathAt(text, start.character) ?? (all.length === 1 ? all[0] : undefined);
    const path = named === undefined ? null : await this.find(document, named);
    if (path === null) return [];
    const title = 'Analyze with Inference Lens';
    const command = { title, command: ANALYZE_FILE, arguments: [path] };
    return [{ title, kind: CodeActionKind.Empty, command }];
  }

  /** Below the workspace, and where it is trusted: a text may name anything. */
  private find(document: TextDocument, { path }: ImagePath): Promise<string | null> {
    return this.trust.isTrusted
      ? findImage(path, pathOf(document.uri), this.folders.all)
      : Promise.resolve(null);
  }
}

const verdictOf = ({ verdict, heatmap, folder }: LastReport): readonly string[] => [
  `Verdict: **${escaped(verdict)}** ([report](${address(join(folder, 'report.md'))}))`,
  ...(heatmap === null ? [] : [picture(join(folder, heatmap), THUMBNAIL)]),
];

export function verdictIn({ classifier: { predicted, confidence, verdict } }: Report): string {
  const several = verdict?.map(({ label }) => label).join(', ') ?? '';
  if (several !== '') return several;
  return `${predicted.label}${typeof confidence === 'number' ? ` ${percentage(confidence)}` : ''}`;
}

function lastOf(folder: string, report: Report): LastReport {
  const telling = tellingLayer(report.layers);
  return { folder, verdict: verdictIn(report), heatmap: telling?.heatmaps[0]?.picture ?? null };
}
