/** How an engine process ended, in words, and the errors of the jobs that were lost with it. */
import { LensError } from '../errors';

export function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'was killed (signal SIGKILL), as the system does when memory runs out';
  return signal === null ? `ended with exit code ${String(code)}` : `crashed (signal ${signal})`;
}

export function crash(how: string, stderr: string): LensError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return new LensError(
    'internal',
    `The engine process ${how}.${last === '' ? '' : ` It last wrote: ${last}`}`,
    {
      code: 'crashed',
      fix: 'Try again: a new engine starts by itself. If it happens again, run Doctor and look at the log.',
    },
  );
}

export const restarted = (): LensError =>
  new LensError('cancelled', 'The engine was restarted while it worked on this.', { fix: 'Start it again.' });

export const tooManyCrashes = (limit: number): LensError =>
  new LensError('internal', `The engine crashed ${limit} times in a row and is not started again.`, {
    code: 'crashed',
    remedies: ['doctor', 'other-device', 'restart-server'],
  });
