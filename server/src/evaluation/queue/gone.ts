/** The error for a queue that is no longer there, or is another evaluation's by now. */
import { LensError } from '../../errors';
import { shown, type QueueAddress } from './address';

export const queueGone = (address: QueueAddress): LensError =>
  new LensError(
    'output',
    `${shown(address)}: the queue "${address.name}" is no longer there: the server lost its data, or someone emptied it.`,
    {
      fix: 'Turn on its append-only file (appendonly yes). Results so far are kept, and the same command fills the queue again.',
    },
  );
