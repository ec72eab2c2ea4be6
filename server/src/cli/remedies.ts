/** What the reader can do, in options and commands of the command line. */
import type { Failure, Remedy } from '../../../protocol/failure';
import type { LensError } from '../errors';
import { PASSWORD_VARIABLE } from '../evaluation/queue/address';

/** @param of the id or the names that the remedy is about */
const words: Readonly<Record<Remedy['do'], (of: string) => string>> = {
  'give-box': () =>
    'Give the face by hand with --box x0,y0,x1,y1, its left, top, right and bottom edges in pixels.',
  'other-detector': () => 'Try another detector with --detector.',
  'whole-image': () => 'Use --detector none if the picture is already a face crop.',
  'detector-size': () => 'Give --max-size in pixels, or leave it out to detect at the size of the picture.',
  'memory-limit': () => 'If there is enough memory, raise the limit with --memory-limit <MB>.',
  'other-folder': () => 'Choose another folder with --output.',
  'other-device': () => 'Choose another device, or --device auto.',
  cpu: () => 'Or use the CPU with --device cpu.',
  doctor: () => 'Run `inference-lens doctor`.',
  'install-cuda': () => 'Run `inference-lens doctor --install-cuda` (fetches about 250 MB).',
  'restart-server': () => 'Then try again.',
  'other-activation': () => 'Choose one with --activation.',
  'choose-weights': () => 'Name weights with --weights <file>: a checkpoint or an .onnx file.',
  'choose-pipeline': () => 'Name a pipeline with --pipeline <id>.',
  'choose-lens': () => 'Name another lens with --lens, or write one with `inference-lens lens init <model>`.',
  'import-file': () => 'Import a file with: inference-lens models import <file>',
  'demo-weights': () => 'Or take untrained ones, which predict nothing, with --weights demo.',
  'choose-architecture': () => 'Choose it with --architecture.',
  'no-architecture': () => 'Leave --architecture out: it applies only to checkpoints.',
  'no-state-dict': () => 'Leave --state-dict out: it applies only to checkpoints.',
  'map-labels': () =>
    'Say which class a label means with --map LABEL=CLASS, or leave labels out with --labels none.',
  'other-root': () => 'If the pictures lie elsewhere, name their folder with --root.',
  'name-columns': () => 'Name the columns with --path-column and --label-column.',
  'replace-evaluation': () => 'Or start over with --replace, which removes what is there.',
  'evaluate-shard': () => 'Evaluate a part with: inference-lens evaluate <set> --shard i/n',
  'fetch-pictures': () => 'Have pictures fetched with --fetch, if you trust the manifest.',
  'name-set': () => 'Or name one with --set <folder or manifest>.',
  'other-queue': () => 'Choose another name with --queue-name.',
  'name-ffmpeg': () => 'Or say where it is with --ffmpeg <path>.',
  'queue-password': () =>
    `Put the password into the environment variable ${PASSWORD_VARIABLE}, or into the address.`,
  'no-queue-password': () => `Leave it out, or unset ${PASSWORD_VARIABLE}.`,
  'fill-queue': () => 'Fill it with: inference-lens evaluate <set> --queue redis://host:port',
  'other-picture-folder': () => 'Mount the folder there, or say where it is on this machine with --root.',
  'other-id': () => 'Choose another id with --as.',
  'trust-workspace': () => 'Analyze the image itself with `inference-lens analyze`.',
  'choose-state-dict': (names) => `Choose one with --state-dict: ${names}.`,
  'download-model': (id) => `Download it with: inference-lens models download ${id}`,
  'remove-model': (id) => `Remove it with: inference-lens models remove ${id}`,
};

/** Everything that can be done about an error; undefined where nothing is known. */
export function fixFor({ fix, remedies }: Pick<LensError, 'fix' | 'remedies'>): string | undefined {
  const sentences = remedies.map((remedy) => words[remedy.do](subjectOf(remedy)));
  return [...(fix === undefined ? [] : [fix]), ...sentences].join(' ') || undefined;
}

const subjectOf = (remedy: Remedy): string =>
  'id' in remedy ? remedy.id : 'names' in remedy ? remedy.names.join(', ') : '';

/** The error as it appears in a line of JSON. */
export function failureLine(error: LensError): Failure {
  const { kind, message, code } = error;
  return { kind, code, message, fix: fixFor(error) ?? null };
}
