/**
 * The model zoo's networks as the ONNX project keeps them, `onnx/backend/test/data/light`: each explained on its tests' own input, with the
 * outputs that its tests expect. Prints a line each, exits 1 where one is refused, differs, or has layers without a map.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LensError } from '../../server/src/errors';
import { decodeModel } from '../../server/src/onnx/decode';
import { isNumeric, toNumbers, typedTensor } from '../../server/src/onnx/typed-data';
import { isExternal } from '../../server/src/onnx/model';
import { tensorOf } from './case';
import { explainFile } from './explain-file';

/** The tests' own input: 0, 1/n, 2/n, ... */
function imageOf(path: string): { readonly dims: readonly number[]; readonly data: Float32Array } {
  const { graph } = decodeModel(readFileSync(path), basename(path));
  const dims = (graph.inputs[0]?.dims ?? []).map(Number);
  const count = dims.reduce((product, length) => product * length, 1);
  return { dims, data: Float32Array.from({ length: count }, (_, i) => i / count) };
}

function expectedOf(path: string): readonly number[] {
  const { type, dims, data } = tensorOf(readFileSync(path.replace(/\.onnx$/, '_output_0.pb')));
  if (isExternal(data) || !isNumeric(type)) throw new Error(`${path}: its output has no numbers`);
  return [...toNumbers(typedTensor(type, dims, data))];
}

export async function explainLight(
  path: string,
): Promise<{ readonly line: string; readonly right: boolean }> {
  const name = basename(path, '.onnx');
  try {
    const { dims, data } = imageOf(path);
    const sample = await explainFile(path, data, dims);
    const found = sample.probabilities ?? sample.logits;
    const apart = Math.max(...expectedOf(path).map((value, i) => Math.abs(value - (found[i] ?? NaN))));
    const mapped = sample.layers.filter(({ cam }) => cam.has('gradcam')).length;
    const right = apart <= 1e-4 && mapped === sample.layers.length && mapped > 0;
    return {
      line: `${name}: ${mapped} of ${sample.layers.length} layers explained, outputs off by ${apart.toExponential(0)}`,
      right,
    };
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    return { line: `${name}: refused: ${thrown.message}`, right: false };
  }
}

async function main(folder: string): Promise<void> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.onnx'));
  let right = 0;
  for (const file of files.sort()) {
    const outcome = await explainLight(join(folder, file));
    process.stdout.write(`${outcome.right ? '' : 'WRONG '}${outcome.line}\n`);
    right += Number(outcome.right);
  }
  process.stdout.write(`${right} of ${files.length} networks are explained\n`);
  process.exitCode = right === files.length && right > 0 ? 0 : 1;
}

if (require.main === module) void main(process.argv[2] ?? '');
