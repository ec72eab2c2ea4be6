/** Messages about workers, the same in every front end. */
import { DEFAULT_QUEUE, shown, type QueueAddress } from './address';
import type { Workers } from './store';

export const workersOf = ({ count, underWay }: Workers): string =>
  `${count} ${count === 1 ? 'worker' : 'workers'}${underWay === 0 ? '' : `, ${underWay} more under way`}`;

/** What starts a worker on any machine that sees the pictures. */
export const workerCommand = (address: QueueAddress): string =>
  `inference-lens worker --queue ${shown(address)}${address.name === DEFAULT_QUEUE ? '' : ` --queue-name ${address.name}`}`;
