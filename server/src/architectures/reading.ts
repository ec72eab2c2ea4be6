/** How a checkpoint was read, as recorded in the report, and sentences about it: what was read, and what was not. */
import type { CheckpointReport } from '../../../protocol/report';
import type { Checkpoint } from '../checkpoints/checkpoint';
import { nameList, quoted } from '../checkpoints/error';
import type { Recognition } from './recognize';

type Found = Pick<Recognition, 'prefix' | 'renamedHead' | 'leftAside' | 'copies' | 'readAs' | 'twins'>;

/** @param requested the state dict that was requested */
export function describeReading(
  { location, others, unknownNames: names }: Pick<Checkpoint, 'location' | 'others' | 'unknownNames'>,
  { prefix, renamedHead: head, leftAside: beside, copies, readAs, twins }: Found,
  requested: string | null,
): CheckpointReport {
  const within = (copy: string): string =>
    [location, copy.replace(/\.$/, '')].filter(Boolean).join('.') || '.';
  return {
    requestedStateDict: requested,
    stateDict: within(copies.length > 0 ? prefix : ''),
    otherStateDicts: [...copies.map(within), ...others],
    renamedHead: head,
    leftAside: beside,
    unknownNames: names,
    readAs,
    twins,
  };
}

/** Null if the file holds one, or if one was requested. */
export function severalStateDicts({
  requestedStateDict,
  stateDict,
  otherStateDicts,
}: CheckpointReport): string | null {
  if (requestedStateDict !== null || otherStateDicts.length === 0) return null;
  return (
    `The file holds ${otherStateDicts.length + 1} state dicts: ${quoted(stateDict)} was read, not ` +
    `${nameList(otherStateDicts)}. To read another one, name it (--state-dict on the command line, ` +
    'the setting “State Dict” or the import in the editor).'
  );
}

export const renamedHead = ({ renamedHead: head }: CheckpointReport): string | null =>
  head === null
    ? null
    : `The last layer was read from ${quoted(head)}, not from where its library puts it. The network was assumed to be ` +
      'pooled features and this one linear layer, with nothing between them.';

/** Tensors that may say how the input has to be prepared. */
const PREPARES_INPUT = /(^|\.)(mean|std|var|new_mean|new_std|image_mean|image_std|pixel_mean|pixel_std)$/;

export function leftAside({ leftAside: names }: CheckpointReport): string | null {
  if (names.length === 0) return null;
  const prepares = names.some((name) => PREPARES_INPUT.test(name))
    ? ' If the network normalizes its input with them, its lens has to do so instead.'
    : '';
  return `Tensors in the file that are not part of the network were ignored: ${nameList(names)}.${prepares}`;
}

export const unknownNames = ({ unknownNames: names }: CheckpointReport): string | null =>
  names.length === 0
    ? null
    : `Python would call ${nameList(names)} when it opens this file; Inference Lens did not.`;

/** All that apply. */
export const readingNotes = (reading: CheckpointReport): readonly string[] =>
  [severalStateDicts, renamedHead, leftAside, unknownNames]
    .map((sentence) => sentence(reading))
    .filter((note) => note !== null);
