/** What can be done about a failure from the panel: its remedies as messages to the editor. */
import type { Failure, Remedy } from '../../../protocol/failure';
import type { FromPanel } from '../../../protocol/panel';
import { t } from '../l10n';

export interface Action {
  readonly title: string;
  /** For a screen reader, where the title alone does not say it. */
  readonly label?: string;
  readonly message: FromPanel;
}

const selectDevice: Action = {
  title: t('Select device…'),
  message: { type: 'run', command: 'selectDevice' },
};
const selectWeights: Action = {
  title: t('Select weights…'),
  message: { type: 'run', command: 'selectWeights' },
};
const queuePassword: Action = {
  title: t('Set queue password…'),
  message: { type: 'run', command: 'setQueuePassword' },
};
const doctor: Action = { title: t('Run Doctor'), message: { type: 'run', command: 'doctor' } };

/** Null where the panel has no way to do it: the words of `fix` may name one elsewhere. */
const actions: Readonly<Record<Remedy['do'], Action | null>> = {
  'whole-image': {
    title: t('Analyze the whole image'),
    label: t('Analyze the whole image, without looking for a face'),
    message: { type: 'retry', detector: 'none' },
  },
  'other-detector': { title: t('Change detector…'), message: { type: 'setting', setting: 'detector' } },
  'other-folder': { title: t('Change output folder…'), message: { type: 'setting', setting: 'output' } },
  'other-device': selectDevice,
  cpu: selectDevice,
  doctor,
  'install-cuda': {
    title: t('Install CUDA libraries…'),
    message: { type: 'run', command: 'installCuda' },
  },
  'restart-server': { title: t('Restart server'), message: { type: 'run', command: 'restartServer' } },
  'other-activation': { title: t('Change activation…'), message: { type: 'setting', setting: 'activation' } },
  'choose-weights': selectWeights,
  'choose-lens': { title: t('Choose lens…'), message: { type: 'setting', setting: 'lens' } },
  'choose-pipeline': { title: t('Choose pipeline…'), message: { type: 'setting', setting: 'pipeline' } },
  'download-model': selectWeights,
  'import-file': { title: t('Import checkpoint…'), message: { type: 'run', command: 'importCheckpoint' } },
  'trust-workspace': {
    title: t('Manage workspace trust…'),
    message: { type: 'run', command: 'manageTrust' },
  },
  'give-box': null,
  'detector-size': { title: t('Change detection size…'), message: { type: 'setting', setting: 'maxSize' } },
  'memory-limit': {
    title: t('Change memory limit…'),
    message: { type: 'setting', setting: 'memoryLimit' },
  },
  'choose-state-dict': { title: t('Choose state dict…'), message: { type: 'chooseStateDict' } },
  'no-state-dict': { title: t('Change state dict…'), message: { type: 'setting', setting: 'stateDict' } },
  'demo-weights': null,
  'choose-architecture': {
    title: t('Change architecture…'),
    message: { type: 'setting', setting: 'architecture' },
  },
  'no-architecture': null,
  'other-id': null,
  'map-labels': null,
  'other-root': null,
  'name-columns': null,
  'replace-evaluation': null,
  'evaluate-shard': null,
  'fetch-pictures': null,
  'other-queue': { title: t('Change queue…'), message: { type: 'setting', setting: 'queueName' } },
  'queue-password': queuePassword,
  'no-queue-password': queuePassword,
  'name-ffmpeg': { title: t('Name ffmpeg…'), message: { type: 'setting', setting: 'ffmpeg' } },
  'fill-queue': null,
  'name-set': null,
  'other-picture-folder': null,
  'remove-model': null,
};

/** In the failure's order, each once; then what helps to find out more. */
export function actionsFor({ kind, code, remedies = [] }: Failure): readonly Action[] {
  const named = remedies.flatMap((remedy) => actions[remedy.do] ?? []);
  const more: Action[] =
    kind === 'image' && code !== 'no-file'
      ? [{ title: t('Open the image'), message: { type: 'open', what: 'image' } }]
      : kind === 'internal' || kind === 'device'
        ? [doctor]
        : kind === 'model'
          ? [selectWeights]
          : [];
  return [...new Set([...named, ...more])];
}
