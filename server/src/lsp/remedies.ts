/** What the reader can do, in settings and commands of the editor, by their titles. */
import type { Failure, Remedy } from '../../../protocol/failure';
import { PASSWORD_VARIABLE } from '../evaluation/queue/address';

const setting = (title: string): string => `the setting “Inference Lens: ${title}”`;
const command = (title: string): string => `the command “Inference Lens: ${title}”`;

/** Null where an editor has no way to do it. */
const words: Readonly<Record<Remedy['do'], string | null>> = {
  'give-box': null,
  'other-detector': `Try another detector in ${setting('Detector')}.`,
  'whole-image': 'Analyze the whole image if it is a face crop already.',
  'detector-size': `Change ${setting('Max Size')}.`,
  'memory-limit': `If there is enough memory, raise ${setting('Memory Limit')}.`,
  'other-folder': `Choose another folder in ${setting('Output')}.`,
  'other-device': `Choose another device, or auto, with ${command('Select Device...')}.`,
  cpu: `Or choose the CPU (cpu) with ${command('Select Device...')}.`,
  doctor: `Run ${command('Doctor')}.`,
  'install-cuda': `Run ${command('Install CUDA Libraries')} (fetches about 250 MB).`,
  'restart-server': `Then run ${command('Restart Server')}.`,
  'other-activation': `Choose one in ${setting('Activation')}.`,
  'choose-weights': `Choose weights with ${command('Select Weights...')}.`,
  'choose-pipeline': `Choose one in ${setting('Pipeline')}.`,
  'choose-lens': `Choose another in ${setting('Lens')}.`,
  'import-file': `Import a file with ${command('Import Checkpoint...')}.`,
  'demo-weights': 'Untrained ones, which predict nothing, are called “demo” there.',
  'choose-architecture': `Choose it in ${setting('Architecture')}.`,
  'no-architecture': `Leave ${setting('Architecture')} empty: it applies only to checkpoints.`,
  'no-state-dict': `Leave ${setting('State Dict')} empty: it applies only to checkpoints.`,
  'map-labels': null,
  'other-root': null,
  'name-columns': null,
  'replace-evaluation': null,
  'evaluate-shard': null,
  'fetch-pictures': null,
  'other-queue': `Choose another name in ${setting('Queue Name')}.`,
  'queue-password': `Give the password with ${command('Set Queue Password...')}, or in the server's environment variable ${PASSWORD_VARIABLE}.`,
  'no-queue-password': `Remove it with ${command('Set Queue Password...')}, or from the environment variable ${PASSWORD_VARIABLE}.`,
  'name-ffmpeg': `Or say where it is in ${setting('Ffmpeg')}.`,
  'fill-queue': null,
  'name-set': null,
  'other-picture-folder': null,
  'other-id': null,
  'trust-workspace': 'Trust the workspace with the command “Workspaces: Manage Workspace Trust”.',
  'choose-state-dict': `Choose one in ${setting('State Dict')}, or import the file with ${command('Import Checkpoint...')}.`,
  'download-model': `Download it with ${command('Select Weights...')}.`,
  'remove-model': null,
};

/** The failure as an editor shows it: everything that can be done about it is in `fix`, and named for buttons. */
export function worded<Told extends Pick<Failure, 'fix' | 'remedies'>>(failure: Told): Told {
  const sentences = (failure.remedies ?? [])
    .map((remedy) => words[remedy.do])
    .filter((text) => text !== null);
  return {
    ...failure,
    fix: [...(failure.fix === null ? [] : [failure.fix]), ...sentences].join(' ') || null,
  };
}
