/** `npm run bench [name...]`: measures this code on this machine (bench/run.ts); `-- --list` says what there is. */
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';

install();
build(); // some measure the bundles
run(process.execPath, ['--import', 'tsx', join(root, 'bench', 'run.ts'), ...process.argv.slice(2)]);
