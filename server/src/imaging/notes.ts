/** What was left out on the way to plain RGB, in words. */

import type { DecodeNote } from './decoded';

export const ALPHA_DROPPED: DecodeNote = {
  code: 'alpha-dropped',
  message:
    'The picture is partly transparent; transparency was dropped and the colours below it are analysed as stored.',
};

export function firstFrameOnly(frames: number): DecodeNote {
  return { code: 'first-frame-only', message: `The file holds ${frames} frames; the first was analysed.` };
}

export function profileIgnored(inks: boolean): DecodeNote {
  const message = inks
    ? 'The embedded CMYK profile was ignored, as OpenCV does; colours differ from a colour-managed viewer.'
    : 'The embedded colour profile was ignored, as OpenCV does; colours may differ slightly from a colour-managed viewer.';
  return { code: 'color-profile-ignored', message };
}
