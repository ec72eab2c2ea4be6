/**
 * `npm run conformance`: other people's networks and numbers.
 *   backend <folder or sample>...          the ONNX project's own tests, from the data of the PyPI package onnx
 *   light <folder>                         its nine networks of the model zoo
 *   architectures <folder> [--write]       networks of torchvision, timm and transformers, made by test/reference/conformance/make_models.py
 */
import { join } from 'node:path';
import { install, root, run } from './setup.mjs';

install();
const [what, ...rest] = process.argv.slice(2);
if (!['backend', 'light', 'architectures'].includes(what) || rest.length === 0) {
  console.error(
    'usage: npm run conformance backend|light|architectures -- <folder>... (docs/operators.md, docs/conformance.md)',
  );
  process.exit(2);
}
run(process.execPath, ['--import', 'tsx', join(root, 'bench', 'conformance', `${what}.ts`), ...rest]);
