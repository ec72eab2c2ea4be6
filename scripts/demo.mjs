/** `npm run demo`: a report of each kind, and where they are: a photograph with the trained network, the drawn portrait with FSBI's demo weights. */
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';

install();
build();
const analyze = (sample, ...options) =>
  run(process.execPath, [
    join(root, 'dist', 'cli.js'),
    ...['analyze', join(root, 'samples', sample), ...options],
    ...['--output', join(root, 'inference-lens-report')],
  ]);
analyze('chelsea.png', '--weights', 'mobilenet_v2');
analyze('portrait.png', '--pipeline', 'fsbi', '--weights', 'demo');
