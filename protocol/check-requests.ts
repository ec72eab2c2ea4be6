/** Requests about test files (`*.check.json`). */
import type { FinishedCheck, ListedCheck } from './checks';
import { JOB, of, request } from './request-row';
import { PATH, TEXT } from './values';

const CHECK_FILE = { kind: PATH, help: 'the test file' } as const;

/** Client -> server. */
export const checkRequests = {
  listCheck: request({
    method: 'inferenceLens/check/list',
    does: 'The expectations of a test file (`*.check.json`) with their places, or what is wrong with its text. Nothing that it names is read.',
    parameters: {
      path: CHECK_FILE,
      text: {
        ...{ kind: TEXT, help: 'its text, if it is not yet on disk', optional: true },
        most: 262_144,
      },
    },
    answer: of<ListedCheck>(),
    lane: 'none',
  }),
  runCheck: request({
    method: 'inferenceLens/check/run',
    does: 'Judges every expectation of a test file, as `inference-lens check` does: the file alone says which network, and the settings only how this machine computes (`device`, `threads`, `memoryLimit`, `ffmpeg`). Nothing is written.',
    parameters: { job: JOB, path: CHECK_FILE },
    answer: of<FinishedCheck>(),
    lane: 'sets',
  }),
};
