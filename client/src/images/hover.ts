/** Hovering over the path of an image: thumbnail, size, last verdict with its heatmap, and Analyze. */
import { join } from 'node:path';
import { Hover, MarkdownString, Range, Uri, type HoverProvider } from 'vscode';
import { describeImage, nameOf } from '../../../files/image-references';
import { commandIds } from '../commands/ids';
import type { History } from '../reports/history';
import { fileOf, namedAt } from './find';
import { t } from '../l10n';

/** Pixels of a picture's width. */
const WIDTH = 160;

export const imageHover = (history: History): HoverProvider => ({
  provideHover: async (document, position, token) => {
    const named = namedAt(document, position);
    const path = named === null ? null : await fileOf(document, named);
    if (named === null || path === null || token.isCancellationRequested) return null;
    const image = await describeImage(path).catch(() => null);
    if (image === null) return null;
    const text = new MarkdownString();
    text.isTrusted = { enabledCommands: [commandIds.analyzePath, commandIds.openReport] };
    const kilobytes = Math.ceil(image.bytes / 1000);
    const about =
      image.size === null
        ? t('{0}: {1} kB', nameOf(image), kilobytes)
        : t('{0}: {1} × {2} pixels, {3} kB', nameOf(image), image.size.width, image.size.height, kilobytes);
    text.appendMarkdown(picture(path));
    text.appendMarkdown('\n\n').appendText(about);
    const last = history.ofFiles().find((entry) => entry.image === path);
    if (last !== undefined) {
      text.appendMarkdown('\n\n').appendText(`${last.verdict} (${last.weights})`);
      text.appendMarkdown(`\n\n${picture(join(last.folder, last.thumbnail))}`);
      text.appendMarkdown(`\n\n[${t('Open the report')}](${link(commandIds.openReport, last)})`);
    }
    text.appendMarkdown(`\n\n[${t('Analyze with Inference Lens')}](${link(commandIds.analyzePath, path)})`);
    const { line } = position;
    return new Hover(text, new Range(line, named.start, line, named.start + named.length));
  },
});

/** As Markdown, not HTML: only there is the address translated where the workspace is on another machine. */
const picture = (path: string): string => `![](${Uri.file(path).toString()}|width=${WIDTH})`;

const link = (command: string, argument: unknown): string =>
  `command:${command}?${encodeURIComponent(JSON.stringify([argument]))}`;
