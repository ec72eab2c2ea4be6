/** `npm run kill [kind...]`: kills what works and checks that nothing is lost (bench/kill/run.ts); `-- --list` says which kinds there are. */
import { join } from 'node:path';
import { build, install, root, run } from './setup.mjs';

install();
build();
run(process.execPath, ['--import', 'tsx', join(root, 'bench', 'kill', 'run.ts'), ...process.argv.slice(2)]);
