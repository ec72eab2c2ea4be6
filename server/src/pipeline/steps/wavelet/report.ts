/** What report.json says of the wavelet step, with the reference's labels. */
import type { Moments, WaveletReport } from '../../../../../protocol/report';
import { reportPaths, waveletPlanePath } from '../../../report/paths';
import type { RecordedStep } from '../run-steps';
import type { ChannelName, Planes } from '../step';
import { toFloat } from '../step';
import { WaveletDetail } from '.';

/** One wavelet step, with its planes by color. */
export interface WaveletRun {
  readonly wavelet: string;
  readonly mode: string;
  readonly blended: Planes;
  readonly approximation: (channel: ChannelName) => Float32Array | null;
  readonly moments: (plane: Float32Array) => Moments;
}

/** The first wavelet step of a list, on a color picture; null where there is none. */
export function waveletRun(recorded: readonly RecordedStep[]): WaveletRun | null {
  for (const step of recorded) {
    const { config, after, detail } = step;
    if (config.step !== 'wavelet' || !(detail instanceof WaveletDetail) || after.channels.length !== 3)
      continue;
    const approximation = (channel: ChannelName): Float32Array | null =>
      detail.approximations[after.channels.indexOf(channel)] ?? null;
    const moments = (plane: Float32Array): Moments => {
      const { mean, std } = step.rangeOf(plane);
      return { mean, std };
    };
    return { wavelet: config.name, mode: config.mode, blended: toFloat(after), approximation, moments };
  }
  return null;
}

/** The labels of the reference's report, by position in the tensor: it calls the first plane red whatever it holds. */
const labels = [
  { label: 'cA_r', labelColor: 'red' },
  { label: 'cA_g', labelColor: 'green' },
  { label: 'cA_b', labelColor: 'blue' },
] as const;

/** A plane of the tensor, and what the reference calls it. */
export interface LabeledPlane {
  readonly plane: 'red' | 'green' | 'blue';
  readonly label: string;
  readonly labelColor: string;
  readonly approximation: Float32Array;
}

/** @param channels of the tensor, in its order */
export function labeledPlanes(
  { approximation }: WaveletRun,
  channels: readonly ChannelName[],
): readonly LabeledPlane[] {
  return channels.flatMap((plane, position) => {
    const values = approximation(plane);
    return plane === 'gray' || values === null
      ? []
      : [{ plane, ...(labels[position] ?? labels[0]), approximation: values }];
  });
}

export function describeWavelet(run: WaveletRun, channels: readonly ChannelName[]): WaveletReport {
  return {
    wavelet: run.wavelet,
    mode: run.mode,
    planes: labeledPlanes(run, channels).map(({ plane, label, labelColor, approximation }) => {
      const picture = waveletPlanePath(labelColor);
      return { label, labelColor, plane, picture, ...run.moments(approximation) };
    }),
    pictures: { processed: reportPaths.processed },
  };
}
