/** The wavelet step of FSBI: planes 0..1 in, planes 0..1.5 out. */
import type { StepKind } from '../step';
import { toFloat } from '../step';
import { blend } from './blend';
import { approximationPicture, blendedPicture } from './pictures';

/** What the step knows beyond its output. */
export class WaveletDetail {
  declare private readonly nominal: never;
  /** @param approximations cA stretched back, a plane for each channel of the step's input */
  constructor(readonly approximations: readonly Float32Array[]) {}
}

export const wavelet: StepKind<'wavelet', WaveletDetail> = {
  id: 'wavelet',
  run(value, { name, mode }, { kernels }) {
    const { planes, ...rest } = toFloat(value);
    const blended = blend(planes, rest, name, mode, kernels);
    return {
      value: { ...rest, planes: blended.planes },
      detail: new WaveletDetail(blended.approximations),
    };
  },
  facts: ({ config: { name, mode } }) => [
    { label: 'Wavelet', value: name },
    { label: 'Beyond the border', value: mode },
    { label: 'Output', value: '(approximation + input) / 2' },
  ],
  pictures: ({ after, detail: { approximations } }) => [
    { name: 'blended', title: 'Blended', draw: () => blendedPicture(toFloat(after)) },
    ...after.channels.map((channel, at) => ({
      name: `approximation-${channel}`,
      title: `Approximation, ${channel}`,
      draw: () =>
        approximationPicture({
          ...{ width: after.width, height: after.height },
          data: approximations[at] as Float32Array,
        }),
    })),
  ],
};
