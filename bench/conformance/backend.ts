/**
 * The ONNX project's own backend tests: inferred shapes have to be equal or unknown, the lowered model has to give the expected
 * values, and gradients have to agree with central differences. Prints counts, and what is wrong; exits 1 where anything is.
 * The data lie in the PyPI package onnx: `onnx/backend/test/data/node` and its neighbors.
 */
import { casesOf } from './case';
import type { Checked } from './check';
import { checkCase } from './check';

async function main(paths: readonly string[]): Promise<void> {
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  const verbose = process.env.CONFORMANCE_VERBOSE !== undefined;
  const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const each of paths.flatMap(casesOf)) {
    const checked: Checked = await checkCase(each);
    const { shapes, values, gradients, why } = checked;
    for (const [what, outcome] of Object.entries({ shapes, values, gradients })) count(`${what}: ${outcome}`);
    const line = `${each.name}: shapes ${shapes}, values ${values}, gradients ${gradients}; ${why.join('; ')}`;
    if ([shapes, values, gradients].includes('wrong')) wrong.push(line);
    if (verbose) process.stderr.write(`${line}\n`);
  }
  const lines = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, times]) => `${key}: ${times}`);
  process.stdout.write([...wrong.map((line) => `wrong: ${line}`), ...lines, ''].join('\n'));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

void main(process.argv.slice(2));
