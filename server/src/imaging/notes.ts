/** What was left out on the way to plain RGB, in words. */

import type { DecodeNote } from './decoded';

export const ALPHA_DROPPED: DecodeNote = {
  code: 'alpha-dropped',
  message:
    'The picture is partly transparent; transparency was dropped and the colors below it are analyzed as stored.',
};

export function firstFrameOnly(frames: number): DecodeNote {
  return { code: 'first-frame-only', message: `The file holds ${frames} frames; the first was analyzed.` };
}

export function profileIgnored(inks: boolean): DecodeNote {
  const message = inks
    ? 'The embedded CMYK profile was ignored, as in OpenCV and Pillow; colors differ from a color-managed viewer.'
    : 'The embedded color profile was ignored, as in OpenCV and Pillow; colors may differ slightly from a color-managed viewer.';
  return { code: 'color-profile-ignored', message };
}
