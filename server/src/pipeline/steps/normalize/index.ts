/** (value - mean) / std by channel, in float64 and rounded to float32 once. */
import type { ChannelName, StepKind } from '../step';
import { mapped, perChannel } from '../step';

export const normalize: StepKind<'normalize', null> = {
  id: 'normalize',
  run(value, config) {
    const mean = perChannel('mean', config.mean, value.channels);
    const std = perChannel('std', config.std, value.channels);
    return {
      value: mapped(value, (values, channel, out) => standardize(values, mean(channel), std(channel), out)),
      detail: null,
    };
  },
  facts: ({ config: { mean, std }, before: { channels } }) => [
    { label: 'Mean', value: listed(mean, channels) },
    { label: 'Standard deviation', value: listed(std, channels) },
  ],
};

function standardize(values: Float32Array, mean: number, std: number, out: Float32Array): void {
  for (let i = 0; i < values.length; i++) out[i] = ((values[i] as number) - mean) / std;
}

const listed = (value: number | readonly number[], channels: readonly ChannelName[]): string =>
  typeof value === 'number'
    ? String(value)
    : value.map((one, channel) => `${channels[channel] ?? ''} ${one}`).join(', ');
