/** Pixels after they have been written as JPEG and read again. */
import { LensError } from '../../../errors';
import { grayThroughJpeg, throughJpeg } from '../../../imaging/jpeg/round-trip';
import type { StepKind } from '../step';

export const jpeg: StepKind<'jpeg', null> = {
  id: 'jpeg',
  run(value, { quality, subsampling }) {
    if (value.type !== 'uint8') throw new Error('Steps are checked before they run.');
    const { width, height, channels } = value;
    if (channels.length === 1)
      return { value: { ...value, data: grayThroughJpeg(value.data, width, height, quality) }, detail: null };
    if (channels[0] !== 'red')
      throw new LensError('usage', `expected channels in the order RGB, found ${channels.join(', ')}.`, {
        fix: 'Put the step before "channels".',
      });
    const data = throughJpeg(value.data, width, height, { quality, subsampling });
    return { value: { ...value, data }, detail: null };
  },
  facts: ({ config: { quality, subsampling } }) => [
    { label: 'Quality', value: `${quality}` },
    { label: 'Colors', value: subsampling },
  ],
};
