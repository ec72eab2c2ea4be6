/** `npm run demo`: analyses the drawn sample with the embedded defaults and says where the report is. */
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';

install();
build();
run(process.execPath, [
  join(root, 'dist', 'cli.js'),
  'analyze',
  join(root, 'samples', 'portrait.png'),
  '--output',
  join(root, 'inference-lens-report'),
]);
