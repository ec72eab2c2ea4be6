/** Which network the first analysis should use: asked once, where no setting names one, and remembered as a setting. */
import { window, workspace, type QuickPickItem } from 'vscode';
import type { Services } from '../services';
import { change, section, settings } from '../settings';
import { importCheckpoint } from './importing';
import { t } from '../l10n';

const ASKED = 'askedForNetwork';

/** Settings that say which network is meant. */
const SAYING = ['weights', 'lens', 'pipeline', 'architecture'] as const;

interface Choice extends QuickPickItem {
  readonly id: 'imagenet' | 'fsbi' | 'own';
}

const choices: readonly Choice[] = [
  {
    id: 'imagenet',
    label: 'ImageNet',
    description: t('MobileNet V2, included'),
    detail: t('Says which of 1,000 animals and objects a photograph shows.'),
  },
  {
    id: 'fsbi',
    label: 'FSBI',
    description: t('deepfake detector'),
    detail: t('Says whether a face is real or fake, once its weights are imported.'),
  },
  {
    id: 'own',
    label: t('My own model...'),
    description: t('PyTorch, safetensors, ONNX'),
    detail: t('Imports a classifier from a file and analyzes with it.'),
  },
];

/** False where the reader wants no analysis after all. */
export async function askForFirstNetwork(services: Services): Promise<boolean> {
  const { globalState } = services.context;
  if (globalState.get<boolean>(ASKED) === true || isChosen()) return true;
  const chosen = await window.showQuickPick([...choices], {
    title: t('Which network should analyze your pictures?'),
    placeHolder: t('Asked only once: the command “Inference Lens: Select Weights...” changes it.'),
    ignoreFocusOut: true,
  });
  if (chosen === undefined) return false;
  if (chosen.id === 'imagenet') await change('weights', 'mobilenet_v2');
  if (chosen.id === 'fsbi') await change('lens', 'fsbi');
  if (chosen.id === 'own') {
    await importCheckpoint(services, undefined);
    // Where the import failed or its result was not chosen, the question stays open.
    if (settings().weights === null) return false;
  }
  await globalState.update(ASKED, true);
  return true;
}

/** Whether any setting, of the user or of the workspace, names a network. */
function isChosen(): boolean {
  const all = workspace.getConfiguration(section);
  return SAYING.some((key) => {
    const value: unknown = all.get(key);
    return typeof value === 'string' && value.trim() !== '';
  });
}
