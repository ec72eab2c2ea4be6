/**
 * Requests for editing the input by hand: the picture to draw on, the verdict meanwhile, the report of what
 * was drawn.
 */
import type { FilePicture, FinishedReport, QuickVerdict } from './answers';
import { FOLDER, JOB, of, request } from './request-row';
import { PATH, count } from './values';

const CHANGES = {
  kind: { is: 'options' },
  help: 'what differs from the report, such as `box` and `strokes`; null removes either',
  optional: true,
} as const;

/** Client -> server. */
export const handRequests = {
  edit: request({
    method: 'inferenceLens/edit',
    does: 'Analyzes the image of a report again, with its weights and its options except those given, as a new report. What they do not change is not computed again.',
    parameters: { job: JOB, folder: FOLDER, options: CHANGES },
    answer: of<FinishedReport>(),
    lane: 'none',
  }),
  verdict: request({
    method: 'inferenceLens/verdict',
    does: 'The verdict alone, by a forward pass through a network that stays loaded: for watching it while the input is edited. Nothing is written.',
    parameters: {
      job: JOB,
      image: { kind: PATH, help: 'the image' },
      folder: {
        kind: PATH,
        help: 'folder of a report of the image, whose weights and options are used; without it, the settings',
        optional: true,
      },
      options: CHANGES,
    },
    answer: of<QuickVerdict>(),
    lane: 'compute',
  }),
  filePicture: request({
    method: 'inferenceLens/picture',
    does: 'An image as it is decoded, for drawing on it where there is no report.',
    parameters: {
      job: JOB,
      image: { kind: PATH, help: 'the image' },
      side: {
        kind: count(16, 4096),
        help: 'longest side of the answer in pixels; pictures are never enlarged',
      },
    },
    answer: of<FilePicture>(),
    lane: 'compute',
  }),
};
