/** Analyze with Inference Lens: one image in a panel, several or a folder one after the other. */
import { basename } from 'node:path';
import { ProgressLocation, RelativePattern, TabInputCustom, Uri, window, workspace } from 'vscode';
import type { Outcome } from '../../../protocol/failure';
import type { FinishedReport } from '../../../protocol/requests';
import type { Panels } from '../panel/panels';
import { imageExtensions, imagePattern, isImage } from '../report/images';
import { isDirectory } from '../report/paths';
import type { Services } from '../services';

/** From this many on, the reader is asked first. */
const many = 20;
/** A folder is searched for so many images at most. */
const most = 1000;

/** @param clicked what was right-clicked, if anything; `selected` all that is selected with it */
export async function analyzeCommand(
  services: Services,
  panels: Panels,
  clicked: unknown,
  selected: unknown,
): Promise<void> {
  const uris = chosen(clicked, selected) ?? (await pick());
  if (!uris) return;
  const remote = uris.find(({ scheme }) => scheme !== 'file');
  if (remote) {
    void window.showErrorMessage(`${remote.path} is not a file on this machine, so it cannot be analyzed.`);
    return;
  }
  const images = await expand(uris);
  const [first] = images;
  if (first === undefined) {
    void window.showInformationMessage(
      `There is no image here. Inference Lens reads ${imageExtensions.join(', ')}.`,
    );
  } else if (images.length === 1) {
    await panels.analyze(first);
  } else {
    await analyzeMany(services, panels, images);
  }
}

function chosen(clicked: unknown, selected: unknown): readonly Uri[] | null {
  const all = Array.isArray(selected) ? selected.filter((entry) => entry instanceof Uri) : [];
  if (all.length > 0) return all;
  return clicked instanceof Uri ? [clicked] : null;
}

/** From the palette: the image that is open, else one from the disk. */
async function pick(): Promise<readonly Uri[] | undefined> {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof TabInputCustom && isImage(input.uri.path)) return [input.uri];
  return window.showOpenDialog({
    canSelectMany: true,
    openLabel: 'Analyze',
    title: 'Images to analyze',
    filters: { Images: [...imageExtensions] },
  });
}

/** Folders are replaced by the images in them; every image once, sorted. */
async function expand(uris: readonly Uri[]): Promise<readonly string[]> {
  const found = await Promise.all(
    uris.map(async (uri) => {
      if (!(await isDirectory(uri.fsPath))) return [uri];
      // Reports are full of images themselves.
      return workspace.findFiles(
        new RelativePattern(uri, imagePattern),
        '**/{node_modules,*_inference_*}/**',
        most,
      );
    }),
  );
  return [...new Set(found.flat().map((uri) => uri.fsPath))].sort();
}

async function analyzeMany(services: Services, panels: Panels, images: readonly string[]): Promise<void> {
  if (images.length >= many) {
    const answer = await window.showWarningMessage(
      `Analyze ${images.length} images?`,
      { modal: true },
      'Analyze',
    );
    if (answer !== 'Analyze') return;
  }
  const outcomes = await runAll(services, images);
  await showOutcomes(panels, images, outcomes);
}

/** One after the other: there is one engine, and each report is on disk before the next begins. */
async function runAll(
  services: Services,
  images: readonly string[],
): Promise<readonly Outcome<FinishedReport>[]> {
  const options = { location: ProgressLocation.Notification, title: 'Inference Lens', cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    const outcomes: Outcome<FinishedReport>[] = [];
    for (const image of images) {
      if (token.isCancellationRequested) break;
      progress.report({
        message: `${outcomes.length + 1} of ${images.length}: ${basename(image)}`,
        increment: 100 / images.length,
      });
      const job = services.analyzer.analyze(image, {}, {});
      const listening = token.onCancellationRequested(job.cancel);
      outcomes.push(await job.done);
      listening.dispose();
    }
    return outcomes;
  });
}

async function showOutcomes(
  panels: Panels,
  images: readonly string[],
  outcomes: readonly Outcome<FinishedReport>[],
): Promise<void> {
  const items = outcomes.map((outcome, i) => {
    const image = images[i] ?? '';
    if (!outcome.ok)
      return {
        label: `$(error) ${basename(image)}`,
        description: outcome.failure.message,
        image,
        folder: null,
      };
    const { predicted, confidence } = outcome.value.report.classifier;
    const percent = typeof confidence === 'number' ? `${(100 * confidence).toFixed(1)}%` : confidence;
    return {
      label: `$(file-media) ${basename(image)}`,
      description: `${predicted.label} ${percent}`,
      image,
      folder: outcome.value.folder,
    };
  });
  const done = outcomes.filter(({ ok }) => ok).length;
  const placeHolder = `${done} of ${images.length} images analyzed. Choose a report to open.`;
  const item = await window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  if (!item) return;
  if (item.folder === null) await panels.analyze(item.image);
  else panels.show(item.folder, basename(item.image));
}
