/**
 * `npm run bench:peers [-- --python .venv/bin/python] [--only pipeline,detection,maps,floor,batch] [--repeats 10] [--threads 2] [--device cuda]`: this project
 * and what a user would run instead, in turn, on the same image with the same threads.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { busy, effortOf, effortOptions, main } from './script';
import { compareThroughput } from './versus/batch';
import type { Context } from './versus/context';
import { checkPeers, withContext } from './versus/context';
import { compareFloor } from './versus/floor';
import { compareMaps } from './versus/maps';
import { compareReports, compareWithDetection } from './versus/pipeline';

const comparisons: Readonly<Record<string, (context: Context) => Promise<string>>> = {
  pipeline: compareReports,
  detection: compareWithDetection,
  maps: compareMaps,
  floor: compareFloor,
  batch: compareThroughput,
};

const { values } = parseArgs({
  options: {
    ...effortOptions,
    python: { type: 'string', default: '.venv/bin/python' },
    threads: { type: 'string', default: String(availableParallelism()) },
    /** `cuda`: both on the GPU, warm; `batch` is `npm run bench gpu-batches` there. */
    device: { type: 'string', default: 'cpu' },
    /** On a machine that lacks what check.py needs. */
    unchecked: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(comparisons).join(',') },
  },
});

async function measure(): Promise<string> {
  const chosen = values.only.split(',').map((name) => {
    const found = comparisons[name];
    if (found !== undefined) return found;
    throw new Error(`--only expects some of ${Object.keys(comparisons).join(', ')}; found "${name}".`);
  });
  const threads = Number(values.threads);
  const { device, python } = values;
  if (device !== 'cpu' && device !== 'cuda')
    throw new Error(`--device expects cpu or cuda; found "${device}".`);
  const given = { ...effortOf(values, 10), python, threads, device } as const;
  return withContext(given, async (context) => {
    busy('do the peers compute the same thing?');
    const checked = values.unchecked ? 'not compared on this machine' : await checkPeers(context);
    const parts = [
      `The reference pipeline is restated in Python (bench/peers). Both sides use ${threads} threads, in turn, and neither is given NODE_EXTRA_CA_CERTS. First, all peers against ` +
        `the goldens (bench/peers/check.py):\n\n${checked.replaceAll(/^/gm, '    ')}`,
    ];
    for (const compare of chosen) parts.push(await compare(context));
    return parts.join('\n\n');
  });
}

main(measure);
