/** Analyze with Inference Lens: one image in a panel, several or a folder one after the other. */
import { RelativePattern, TabInputCustom, Uri, window, workspace } from 'vscode';
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';
import type { Panels } from '../panel/panels';
import { imagePattern, isImage } from '../report/images';
import { isDirectory } from '../report/paths';
import type { Services } from '../services';
import { analyzeMany } from './analyzeMany';
import { askForFirstNetwork } from './firstNetwork';
import { t } from '../l10n';

/** Most images to look for in a folder. */
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
    void window.showErrorMessage(
      t('{0} is not a file on this machine, so it cannot be analyzed.', remote.path),
    );
    return;
  }
  services.connection.expectAnalysis();
  const images = await expand(uris);
  const [first] = images;
  if (first === undefined) {
    void window.showInformationMessage(
      t('There is no image here. Inference Lens reads {0}.', IMAGE_EXTENSIONS.join(', ')),
    );
  } else if (!(await askForFirstNetwork(services))) {
    return;
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
    openLabel: t('Analyze'),
    title: t('Images to analyze'),
    filters: { [t('Images')]: [...IMAGE_EXTENSIONS] },
  });
}

/** Folders are replaced by the images in them; every image once, sorted. */
async function expand(uris: readonly Uri[]): Promise<readonly string[]> {
  const found = await Promise.all(
    uris.map(async (uri) => {
      // Beside images, other files of a selection are skipped; one alone is tried, and refused with a reason.
      if (!(await isDirectory(uri.fsPath))) return uris.length === 1 || isImage(uri.fsPath) ? [uri] : [];
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
