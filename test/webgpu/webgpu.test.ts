/** WebGPU against the CPU, on a Vulkan driver that needs no GPU: same numbers, and what little the CPU keeps is named. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Report } from '../../protocol/report';
import { assembleExplainGraph } from '../../server/src/explain/assemble';
import { explainPasses } from '../../server/src/explain/passes';
import { encodeModel, writeModel } from '../../server/src/onnx/write';
import { readSlice } from '../../server/src/report/maps-file';
import { fromSource, root, runCli, samplePath } from '../support/cli';
import { readReport } from '../support/report';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import type { Comparison } from './agreement';
import type { SmallNetworkName } from './networks';
import { smallNetworks } from './networks';
import { softwareVulkan } from './swiftshader';

/** Of the largest magnitude of each output. */
const AGREEMENT = 1e-3;

/** Of the class that is asked for, an integer, of which WebGPU has no kernels. */
const choosing = ['Cast', 'Reshape'];

async function compareInChild(
  name: SmallNetworkName,
  env: NodeJS.ProcessEnv,
): Promise<{ forward: Comparison; explain: Comparison }> {
  const script = join(__dirname, 'compare.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...fromSource, script, name], {
    cwd: root,
    env,
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as { forward: Comparison; explain: Comparison };
}

function checkAgreement({ outputs }: Comparison, least: number): void {
  assert.ok(outputs.length >= least, `${outputs.length} outputs`);
  for (const { name, range, difference } of outputs) {
    assert.ok(range > 0 || difference === 0, `${name} is all zeros on the CPU alone`);
    assert.ok(difference <= AGREEMENT * range, `${name}: ${difference} apart in a range of ${range}`);
  }
}

const nodesOn = ({ placement }: Comparison, device: string): number =>
  placement?.providers.find(({ provider }) => provider === device)?.nodes ?? 0;

const onCpu = ({ placement }: Comparison): readonly string[] =>
  (placement?.onCpu.map(({ operator }) => operator) ?? ['unknown']).toSorted();

test('every pass over the explain graph finds work in the small networks', () => {
  const changed = explainPasses.filter((_, i) =>
    Object.values(smallNetworks).some((make) => {
      const graphAfter = (passes: number): Buffer =>
        Buffer.from(
          encodeModel(
            assembleExplainGraph({ ...make(), methods: ['gradcam'] }, explainPasses.slice(0, passes)).model,
          ),
        );
      return !graphAfter(i).equals(graphAfter(i + 1));
    }),
  );
  assert.deepEqual(
    changed.map(({ name }) => name),
    explainPasses.map(({ name }) => name),
  );
});

test('an EfficientNet in small: forward, and every method of every layer', async (t) => {
  const env = await softwareVulkan(t);
  if (env === null) return;
  const { forward, explain } = await compareInChild('efficient', env);
  checkAgreement(forward, 4);
  checkAgreement(explain, 3);
  assert.deepEqual(onCpu(forward), []);
  assert.deepEqual(onCpu(explain), choosing);
  assert.ok(nodesOn(explain, 'cpu') <= choosing.length, 'one node of each');
  assert.ok(nodesOn(explain, 'webgpu') > 100);
  const copied = explain.placement?.copies.bytes ?? Infinity;
  assert.equal(copied, 4, 'an index');
});

test('max pooling and layer normalization: the CPU finds the winners, ties as in PyTorch, and the rest stays on the device', async (t) => {
  const env = await softwareVulkan(t);
  if (env === null) return;
  const { forward, explain } = await compareInChild('pooled', env);
  checkAgreement(forward, 4);
  checkAgreement(explain, 3);
  assert.deepEqual(onCpu(forward), [], 'without indices WebGPU pools by itself');
  assert.deepEqual(onCpu(explain), [...choosing, 'Equal', 'MaxPool', 'Mod'].toSorted());
});

/** Every number of the maps file, with the slices' names. */
function mapsOf(folder: string, { layers, mapsFile }: Report): ReadonlyMap<string, Float32Array> {
  const file = readFileSync(join(folder, mapsFile));
  return new Map(
    layers.flatMap(({ name, activation, channelWeights, heatmaps }) => [
      [`${name} activation`, readSlice(file, activation.map).data] as const,
      [`${name} weights`, readSlice(file, channelWeights).data] as const,
      ...heatmaps.map(({ method, map }) => [`${name} ${method}`, readSlice(file, map).data] as const),
    ]),
  );
}

test('the command line reports the same from WebGPU as from the CPU, and which nodes ran where', async (t) => {
  const env = await softwareVulkan(t);
  if (env === null) return;
  const folder = temporaryFolder('webgpu');
  const model = join(folder, 'small.onnx');
  await writeModel(smallClassifier({ side: 96 }), model); // its second convolution moves 130 kB
  const report = async (device: string): Promise<{ folder: string; report: Report }> => {
    const given = [
      '--pipeline',
      'imagenet',
      '--weights',
      model,
      '--detector',
      'blazeface',
      '--device',
      device,
    ];
    const output = join(folder, device);
    const { code, stdout, stderr } = await runCli(
      ['analyze', samplePath, ...given, '--output', output, '--json'],
      { env },
    );
    assert.equal(code, 0, stderr);
    const finished = JSON.parse(stdout.trim().split('\n').at(0) ?? '') as { folder: string };
    return { folder: finished.folder, report: readReport(finished.folder) };
  };
  const processor = await report('cpu');
  const device = await report('webgpu');
  assert.equal(processor.report.device.placement, undefined);
  assert.equal(device.report.device.provider, 'webgpu');
  const { providers = [], onCpu: kept = [] } = device.report.device.placement ?? {};
  assert.deepEqual(
    providers.map(({ provider }) => provider),
    ['webgpu', 'cpu'],
  );
  assert.deepEqual(
    kept.map(({ operator }) => operator).toSorted(),
    ['Conv', ...choosing].toSorted(),
    'the gradient of its second convolution has six input channels, which WebGPU gets wrong',
  );
  const warning = device.report.warnings.find(({ code }) => code === 'partly-on-cpu');
  assert.match(warning?.message ?? '', / ran on the CPU instead of webgpu, most of it Conv \(1\);/);
  assert.match(
    readFileSync(join(device.folder, 'report.md'), 'utf8'),
    /^- \*\*Nodes by device:\*\* webgpu \d+, cpu \d+ \(/m,
  );
  assert.deepEqual(device.report.detection.device, { provider: 'cpu' }, "BlazeFace is the CPU's");
  assert.match(readFileSync(join(device.folder, 'report.md'), 'utf8'), /^- \*\*Detector device:\*\* cpu$/m);
  const logits = ({ report: { classifier } }: typeof device): readonly number[] =>
    classifier.logits.map(Number);
  const maps = mapsOf(device.folder, device.report);
  const compared = new Map<string, readonly [ArrayLike<number>, ArrayLike<number>]>([
    ['logits', [logits(processor), logits(device)] as const],
    ...[...mapsOf(processor.folder, processor.report)].map(
      ([name, values]) => [name, [values, maps.get(name) ?? new Float32Array()]] as const,
    ),
  ]);
  assert.ok(compared.size > 8);
  for (const [name, [expected, found]] of compared) {
    assert.equal(found.length, expected.length, name);
    const range = Math.max(...Array.from(expected, (value) => Math.abs(value)));
    for (const [i, value] of Array.from(expected).entries())
      assert.ok(
        Math.abs(value - (found[i] ?? NaN)) <= AGREEMENT * range,
        `${name} at ${i}: ${value} and ${String(found[i])}, range ${range}`,
      );
  }
});
