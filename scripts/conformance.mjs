/** `npm run conformance backend -- <folder>`: the ONNX project's own tests, from the data of the PyPI package onnx (bench/conformance/backend.ts). */
import { join } from 'node:path';
import { install, root, run } from './setup.mjs';

install();
const [what, ...rest] = process.argv.slice(2);
if (what !== 'backend' || rest.length === 0) {
  console.error('usage: npm run conformance backend -- <folder or sample>...');
  process.exit(2);
}
run(process.execPath, ['--import', 'tsx', join(root, 'bench', 'conformance', 'backend.ts'), ...rest]);
