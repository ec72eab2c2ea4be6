/** Every default layer of torch's exports, by both exporters, is a module's output, and its Grad-CAM is that of PyTorch's autograd. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import { encodeModel } from '../../../server/src/onnx/write';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { projectRoot } from '../../../server/src/system/paths';
import { temporaryFolder } from '../../support/temp';

interface Golden {
  readonly models: readonly {
    readonly name: string;
    readonly input: readonly number[];
    readonly shape: readonly number[];
    readonly logits: readonly number[];
    readonly modules: Readonly<
      Record<string, { readonly height: number; readonly width: number; readonly cam: readonly number[] }>
    >;
  }[];
}

const folder = temporaryFolder('layers');
const packed = (...path: readonly string[]): Buffer =>
  gunzipSync(readFileSync(join(projectRoot(), 'test', ...path)));
const golden = JSON.parse(packed('golden', 'onnx', 'layers.json.gz').toString()) as Golden;

/** Of the largest value: float32 through a dozen layers. */
const TOLERANCE = 1e-3;

/** What the default layers have to hold, by model. */
const expected: Readonly<Record<string, { readonly fewest: number; readonly some: readonly string[] }>> = {
  vit: { fewest: 8, some: ['conv_proj', 'encoder.layers.encoder_layer_0', 'encoder.layers.encoder_layer_3'] },
  vit_registers: { fewest: 8, some: ['blocks.0', 'blocks.1', 'blocks.2', 'patch_embed'] },
  swin: { fewest: 8, some: ['features.0', 'features.1.0', 'features.1.1', 'features.2', 'features.3.1'] },
  convnext: { fewest: 8, some: ['features.0', 'features.1.0', 'features.1.1', 'features.2', 'features.3.2'] },
  residual: { fewest: 9, some: ['stem', 'blocks.0', 'blocks.7'] },
};

async function explained(model: Golden['models'][number], exporter: string) {
  const path = join(folder, `${model.name}${exporter}.onnx`);
  writeFileSync(path, packed('fixtures', 'onnx', 'layers', `${model.name}${exporter}.onnx.gz`));
  const network = await openOnnxClassifier(path, { inputSize: null });
  const { logits, layers, input } = network;
  const graph = assembleExplainGraph({
    ...{ model: network.model, inputShape: input.shape, logits, layers, methods: ['gradcam'] },
  });
  const session = await createSession(encodeModel(graph.model));
  try {
    const image = { type: 'float32', dims: model.shape, data: Float32Array.from(model.input) } as const;
    const target = { type: 'int64', dims: [1], data: BigInt64Array.of(-1n) } as const;
    const results = await session.run({ [graph.inputs.image]: image, [graph.inputs.target]: target });
    const [sample] = decodeExplain(graph.outputs, results);
    assert.ok(sample);
    return { network, sample };
  } finally {
    await session.dispose();
  }
}

for (const model of golden.models)
  for (const exporter of ['', '_dynamo'])
    describe(`${model.name}${exporter}`, () => {
      const run = explained(model, exporter);

      test('logits', async () => {
        const { sample } = await run;
        model.logits.forEach((logit, i) => assert.ok(Math.abs((sample.logits[i] ?? NaN) - logit) < 1e-4));
      });

      test('every default layer is a map or a grid of tokens under a module’s name', async () => {
        const { network } = await run;
        const names = network.layers.map(({ name }) => name);
        const { fewest, some } = expected[model.name]!;
        assert.ok(names.length >= fewest && names.length <= 48, names.join());
        for (const name of some) assert.ok(names.includes(name), `${name} is missing in ${names.join()}`);
        for (const { name, form } of network.layers) {
          assert.equal(form?.kind, 'map', name);
          const module = model.modules[name];
          assert.ok(module, `${name} is no module with such an output, among ${names.join()}`);
          assert.deepEqual([form.height, form.width], [module.height, module.width], name);
        }
      });

      test('Grad-CAM of each', async () => {
        const { sample } = await run;
        for (const { name, cam } of sample.layers) {
          const module = model.modules[name];
          if (module === undefined) continue; // said above
          const found = cam.get('gradcam') ?? new Float32Array();
          assert.equal(found.length, module.cam.length, name);
          const largest = Math.max(...module.cam.map(Math.abs));
          module.cam.forEach((value, i) => {
            const difference = Math.abs((found[i] ?? NaN) - value);
            assert.ok(difference <= TOLERANCE * largest, `${name}[${i}]: ${found[i]} instead of ${value}`);
          });
        }
      });
    });
