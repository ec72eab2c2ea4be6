/** What can be done about a failure from the panel: its remedies as messages to the editor. */
import type { Failure, Remedy } from '../../../protocol/failure';
import type { FromPanel } from '../../../protocol/panel';

export interface Action {
  readonly title: string;
  /** For a screen reader, where the title alone does not say it. */
  readonly label?: string;
  readonly message: FromPanel;
}

const selectDevice: Action = { title: 'Select device…', message: { type: 'run', command: 'selectDevice' } };
const selectWeights: Action = {
  title: 'Select weights…',
  message: { type: 'run', command: 'selectWeights' },
};
const doctor: Action = { title: 'Run Doctor', message: { type: 'run', command: 'doctor' } };

/** Null where the panel has no way to do it: the words of `fix` may name one elsewhere. */
const actions: Readonly<Record<Remedy['do'], Action | null>> = {
  'whole-image': {
    title: 'Analyze the whole image',
    label: 'Analyze the whole image, without looking for a face',
    message: { type: 'retry', detector: 'none' },
  },
  'other-detector': { title: 'Change detector…', message: { type: 'setting', setting: 'detector' } },
  'other-folder': { title: 'Change output folder…', message: { type: 'setting', setting: 'output' } },
  'other-device': selectDevice,
  cpu: selectDevice,
  doctor,
  'install-cuda': {
    title: 'Install CUDA libraries…',
    message: { type: 'run', command: 'installCuda' },
  },
  'restart-server': { title: 'Restart server', message: { type: 'run', command: 'restartServer' } },
  'other-activation': { title: 'Change activation…', message: { type: 'setting', setting: 'activation' } },
  'choose-weights': selectWeights,
  'choose-lens': { title: 'Choose lens…', message: { type: 'setting', setting: 'lens' } },
  'choose-pipeline': { title: 'Choose pipeline…', message: { type: 'setting', setting: 'pipeline' } },
  'download-model': selectWeights,
  'import-file': { title: 'Import checkpoint…', message: { type: 'run', command: 'importCheckpoint' } },
  'trust-workspace': {
    title: 'Manage workspace trust…',
    message: { type: 'run', command: 'manageTrust' },
  },
  'give-box': null,
  'detector-size': { title: 'Change detection size…', message: { type: 'setting', setting: 'maxSize' } },
  'memory-limit': {
    title: 'Change memory limit…',
    message: { type: 'setting', setting: 'memoryLimit' },
  },
  'choose-state-dict': { title: 'Choose state dict…', message: { type: 'chooseStateDict' } },
  'no-state-dict': { title: 'Change state dict…', message: { type: 'setting', setting: 'stateDict' } },
  'demo-weights': null,
  'no-architecture': null,
  'other-id': null,
  'map-labels': null,
  'other-root': null,
  'name-columns': null,
  'replace-evaluation': null,
  'evaluate-shard': null,
  'fetch-pictures': null,
  'other-queue': null,
  'fill-queue': null,
  'other-picture-folder': null,
  'remove-model': null,
};

/** In the failure's order, each once; then what helps to find out more. */
export function actionsFor({ kind, code, remedies = [] }: Failure): readonly Action[] {
  const named = remedies.flatMap((remedy) => actions[remedy.do] ?? []);
  const more: Action[] =
    kind === 'image' && code !== 'no-file'
      ? [{ title: 'Open the image', message: { type: 'open', what: 'image' } }]
      : kind === 'internal' || kind === 'device'
        ? [doctor]
        : [];
  return [...new Set([...named, ...more])];
}
