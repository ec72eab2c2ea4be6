/** `npm run fuzz [kind...]`: runs the product on broken inputs (bench/fuzz/run.ts); `-- --list` says which kinds there are. */
import { join } from 'node:path';
import { install, root, run } from './setup.mjs';

install();
run(process.execPath, ['--import', 'tsx', join(root, 'bench', 'fuzz', 'run.ts'), ...process.argv.slice(2)]);
