/** Child process: runs a small network on WebGPU and on the CPU, forward and explain, and prints how far they are apart. */
import { assembleForGpu } from '../../server/src/explain/gpu';
import { buildForwardGraph } from '../../server/src/explain/forward';
import type { Model } from '../../server/src/onnx/model';
import { encodeModel } from '../../server/src/onnx/write';
import { createSession } from '../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../server/src/runtime/session';
import type { Comparison } from './agreement';
import { compareOutputs } from './agreement';
import type { SmallNetworkName } from './networks';
import { smallNetworks } from './networks';
import { CAM_METHODS, idsOf } from '../../protocol/vocabulary';

async function compare(model: Model, feeds: Readonly<Record<string, Tensor>>): Promise<Comparison> {
  const bytes = encodeModel(model);
  const processor = await createSession(bytes, { provider: 'cpu', threads: 1 });
  const device = await createSession(bytes, { provider: 'webgpu', threads: 1, recordPlacement: true });
  try {
    const outputs = compareOutputs(await processor.run(feeds), await device.run(feeds));
    return { outputs, placement: await device.nodePlacement() };
  } finally {
    await processor.dispose();
    await device.dispose();
  }
}

async function main(name: SmallNetworkName): Promise<void> {
  const { model, inputShape, logits, layers } = smallNetworks[name]();
  const size = inputShape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 997) / 997 - 0.3);
  const image = { type: 'float32', dims: inputShape, data } as const;
  const request = { model, inputShape, logits, layers, methods: idsOf(CAM_METHODS) };
  const graph = assembleForGpu(request, 'webgpu');
  const target = { type: 'int64', dims: [1], data: BigInt64Array.of(-1n) } as const;
  const tensors = [logits, ...layers.map(({ tensor }) => tensor)];
  const forward = await compare(buildForwardGraph(model, inputShape, tensors), { image });
  const explain = await compare(graph.model, { [graph.inputs.image]: image, [graph.inputs.target]: target });
  process.stdout.write(JSON.stringify({ forward, explain }));
}

main(process.argv[2] as SmallNetworkName).catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
