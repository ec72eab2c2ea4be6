/** `npm run bench [name]`: measures this code on this machine; without a name, the steps of one analysis. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install, root, run } from './setup.mjs';

const [name = 'steps', ...rest] = process.argv.slice(2);
const file = join(root, 'bench', `${name}.ts`);
if (!existsSync(file)) {
  console.error(`There is no bench "${name}": see bench/NOTES.md.`);
  process.exit(2);
}
install();
run(process.execPath, ['--import', 'tsx', file, ...rest]);
