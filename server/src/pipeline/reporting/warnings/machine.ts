/** Warnings about the machine: devices passed over, nodes that ran elsewhere, graphs that could not be cached. */
import type { Report, WarningReport } from '../../../../../protocol/report';
import type { Rule } from './rule';
import { rule, warn } from './rule';

/** Bytes from which on an operator that fell back to the CPU counts; those that choose a class have far fewer. */
const LARGE_ON_CPU = 65_536;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param where begins the sentence */
function partlyOnCpu(
  where: string,
  { provider, placement }: Pick<Report['device'], 'provider' | 'placement'>,
): WarningReport | null {
  const { providers = [], onCpu = [], copies } = placement ?? {};
  const large = onCpu.filter(({ bytes }) => bytes >= LARGE_ON_CPU);
  if (large.length === 0) return null;
  const all = providers.reduce((sum, { nodes }) => sum + nodes, 0);
  const here = onCpu.reduce((sum, { nodes }) => sum + nodes, 0);
  return warn(
    'partly-on-cpu',
    `${where}${here} of ${all} nodes ran on the CPU instead of ${provider}, most of it ` +
      `${large.map(({ operator, nodes }) => `${operator} (${nodes})`).join(', ')}; ` +
      `${megabytes(copies?.bytes ?? 0)} were copied between them.`,
  );
}

export const machineRules: readonly Rule[] = [
  rule(['notCached'], ({ notCached = [] }) => {
    const [first] = notCached;
    return first === undefined ? null : warn('not-cached', notCached.join(' '));
  }),

  rule(['device'], ({ device }) => {
    const passed = device.passedOver.filter((other) => other.present);
    const reasons = passed.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ');
    return passed.length > 0
      ? warn(
          'device-fallback',
          `Ran on ${device.provider} although this machine has a better device (${reasons}).`,
        )
      : null;
  }),

  rule(['device'], ({ device }) => partlyOnCpu('', device)),

  rule(['detection'], ({ detection: { device } }) =>
    device === undefined ? null : partlyOnCpu("In the detector's network, ", device),
  ),
];
