/** A checkpoint that several networks fit: which one it was read as is said on the terminal, in the report and by its JSON, and can be chosen. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { defaultHead, parametersOf } from '../../server/src/architectures/build';
import { findArchitecture } from '../../server/src/architectures/registry';
import { goldenTensor, readGolden } from '../golden/architectures/golden';
import type { CliOptions, Finished } from '../support/cli';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { readReport } from '../support/report';
import { sharedFile } from '../support/shared';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('read-as');
const options: CliOptions = { env: { INFERENCE_LENS_CACHE: join(folder, 'cache') } };
const KNOWN = 'efficientnet_pytorch/b0';

/** The golden EfficientNet-B0 as DeepfakeBench's detectors save it. */
function writeBench(path: string): void {
  const golden = readGolden(KNOWN);
  const architecture = findArchitecture(KNOWN)!;
  const { shapes } = parametersOf(architecture, defaultHead(architecture, 2));
  const header: Record<string, unknown> = {};
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const [name, shape] of shapes) {
    const bytes = new Uint8Array(goldenTensor(golden, name, shape).buffer);
    const saved = name.startsWith('_fc.')
      ? `backbone.last_layer${name.slice(3)}`
      : `backbone.efficientnet.${name}`;
    header[saved] = { dtype: 'F32', shape, data_offsets: [at, (at += bytes.length)] };
    pieces.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, ...pieces]));
}

const analyze = (output: string, ...args: readonly string[]): Promise<Finished> =>
  residentCli(
    ['analyze', samplePath, '--pipeline', 'imagenet', '--output', join(folder, output), ...args],
    options,
  );

function resultOf(output: string): string {
  const [only, ...others] = readdirSync(join(folder, output));
  assert.ok(only !== undefined && others.length === 0);
  return join(folder, output, only, 'result');
}

describe('DeepfakeBench’s layout', () => {
  const weights = join(folder, 'detector.safetensors');
  before(() => writeBench(weights));

  test('read with its stem; the library’s own can be chosen; the report names both', async () => {
    const own = await analyze('own', '--weights', weights);
    assert.equal(own.code, 0, own.stderr);
    const bench = readReport(resultOf('own'));
    assert.equal(bench.model.architecture, `${KNOWN}+unpadded_stem`);
    assert.deepEqual(bench.layers[0]?.shape, [1, 32, 111, 111]);
    assert.ok(bench.model.checkpoint?.twins.includes(KNOWN));
    assert.match(
      own.stdout,
      /^read as +efficientnet_pytorch\/b0\+unpadded_stem, by its names.* It could also be .*b0/m,
    );
    assert.match(own.stdout, /^warning +The names backbone\.efficientnet\.\*.*DeepfakeBench/m);
    const markdown = readFileSync(join(resultOf('own'), 'report.md'), 'utf8');
    assert.match(markdown, /Read as.*\+unpadded.*DeepfakeBench/);

    const chosen = await analyze('chosen', '--weights', weights, '--architecture', KNOWN);
    assert.equal(chosen.code, 0, chosen.stderr);
    const library = readReport(resultOf('chosen'));
    assert.equal(library.model.architecture, KNOWN);
    assert.deepEqual(library.layers[0]?.shape, [1, 32, 112, 112]);
    assert.ok(!library.warnings.some(({ code }) => code === 'architecture-assumed'));
    assert.notDeepEqual(library.classifier.logits, bench.classifier.logits);
  });

  test('what is imported stays what it was read as, with its warning', async () => {
    const imported = await residentCli(['models', 'import', weights, '--as', 'bench'], options);
    assert.equal(imported.code, 0, imported.stderr);
    assert.match(imported.stdout, /efficientnet_pytorch\/b0\+unpadded_stem/);
    const { code, stdout, stderr } = await analyze('stored', '--weights', 'bench');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^read as +efficientnet_pytorch\/b0\+unpadded_stem, as it was imported\./m);
    assert.match(stdout, /^warning .*DeepfakeBench/m);
  });

  test('a network that is not built is refused by name, with the file', async () => {
    const { code, stderr } = await analyze(
      'refused',
      '--weights',
      weights,
      '--architecture',
      `${KNOWN}+image_size`,
    );
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /detector\.safetensors: efficientnet_pytorch\/b0\+image_size was requested, .*cannot build/,
    );
    assert.match(stderr, /ONNX/);
  });
});

test('resnetblur18.pth is read as what it is called', async (t) => {
  const weights = sharedFile(t, 'cases/same-shapes-other-network/resnetblur18.pth');
  if (weights === null) return;
  const { code, stderr } = await analyze('blur', '--weights', weights);
  assert.equal(code, 0, stderr);
  const { model, classifier, warnings } = readReport(resultOf('blur'));
  assert.equal(model.architecture, 'timm/resnetblur18');
  [-12.5686, 38.3918, 26.1008].forEach((logit, i) =>
    assert.ok(Math.abs(Number(classifier.logits[i]) - logit) < 1e-3, classifier.logits.join()),
  );
  assert.ok(warnings.some(({ code: warning }) => warning === 'architecture-assumed'));
});
