/** `npm run bench recorder`: what the flight recorder's statistics cost of a warm report of EfficientNet-B5, in CPU time, with and without in turn. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAnalyze } from '../server/src/cli/options';
import { createEngine } from '../server/src/engine/engine';
import { RecordedStep } from '../server/src/pipeline/steps/run-steps';
import { projectRoot } from '../server/src/system/paths';
import { main, readEffort } from './script';
import { median, table } from './table';

const WARM_UP = 3;

const recorded = Object.getOwnPropertyDescriptor(RecordedStep.prototype, 'statistics');

/** Without it, a step says nothing of its channels but their names. */
const silent: PropertyDescriptor = {
  configurable: true,
  get(this: RecordedStep) {
    return this.after.channels.map((channel) => ({ channel, mean: 0, std: 0, min: 0, max: 0 }));
  },
};

async function measure(): Promise<string> {
  const { repeats } = readEffort(15);
  const output = await mkdtemp(join(tmpdir(), 'lens-recorder-'));
  const sample = join(projectRoot(), 'samples', 'portrait.png');
  const { options } = parseAnalyze([sample, '--output', output, '--device', 'cpu', '--weights', 'demo']);
  const engine = createEngine();
  const spent = { with: [] as number[], without: [] as number[] };
  try {
    for (let run = 0; run < WARM_UP + repeats; run++)
      for (const kind of ['with', 'without'] as const) {
        Object.defineProperty(
          RecordedStep.prototype,
          'statistics',
          kind === 'with' ? (recorded ?? {}) : silent,
        );
        const before = process.cpuUsage();
        await engine.run('analyze', { image: sample, options });
        const { user, system } = process.cpuUsage(before);
        if (run >= WARM_UP) spent[kind].push((user + system) / 1000);
      }
  } finally {
    await engine.dispose();
    await rm(output, { recursive: true, force: true });
  }
  const pairs = spent.with.map((ms, i) => ms - (spent.without[i] ?? NaN));
  const share = median(pairs) / median(spent.with);
  return [
    table('a warm report of EfficientNet-B5', 'ms of CPU time', [
      { name: 'with the recorder', values: spent.with },
      { name: 'without its statistics', values: spent.without },
      { name: 'difference, pair by pair', values: pairs },
    ]),
    '',
    `The recorder's share: ${(100 * share).toFixed(1)}% (the median of the differences).`,
  ].join('\n');
}

main(measure);
