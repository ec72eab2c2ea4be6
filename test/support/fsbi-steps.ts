/** The steps of FSBI as a report records them, for tests that make reports by hand; numbers of the reference's picture. */
import type { StepReport } from '../../protocol/report';

const channels = (order: readonly ('red' | 'green' | 'blue')[], scale: number): StepReport['channels'] =>
  order.map((channel, i) => ({
    channel,
    mean: (0.4 + 0.1 * i) * scale,
    std: 0.25 * scale,
    min: 0,
    max: scale,
  }));

const shape = [3, 380, 380];

export const fsbiSteps: readonly StepReport[] = [
  {
    config: {
      ...{ step: 'resize', size: 380, fit: 'exact', fraction: 1, filter: 'bilinear', like: 'opencv' },
    },
    facts: [{ label: 'Size', value: '378 x 378 to 380 x 380 (width x height), exact' }],
    ...{ shape, type: 'uint8', channels: channels(['red', 'green', 'blue'], 255) },
  },
  {
    config: { step: 'rescale', factor: 1 / 255, offset: 0 },
    facts: [],
    ...{ shape, type: 'float32', channels: channels(['red', 'green', 'blue'], 1) },
  },
  {
    config: { step: 'wavelet', name: 'sym2', mode: 'reflect' },
    facts: [],
    ...{ shape, type: 'float32', channels: channels(['red', 'green', 'blue'], 1.5) },
  },
  {
    config: { step: 'channels', order: 'BGR', weights: 'pillow' },
    facts: [],
    ...{ shape, type: 'float32', channels: channels(['blue', 'green', 'red'], 1.5) },
  },
];
