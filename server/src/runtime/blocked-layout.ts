/** The layout in which onnxruntime convolves on this CPU: channels in blocks, (N, C / block, H, W, block). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float32Tensor, GraphBuilder } from '../onnx/builder';
import { readModel } from '../onnx/read';
import { encodeModel } from '../onnx/write';
import type { Optimizer } from './session-thread';
import { ownThread } from './session-thread';
import { cacheRoot } from '../system/paths';

/** The domain of the runtime's operators on blocked tensors (nchwc_schema_defs.cc). They run on the CPU only. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** What ReorderInput needs the number of channels to be a multiple of. */
export const CHANNEL_ALIGNMENT = 4;

/**
 * Channels in a block: the CPU's vector width. Null where the runtime has no blocked layout, or where it
 * cannot be determined. The runtime reveals it only in how it optimizes a convolution: weights are padded to
 * whole blocks of output channels.
 * @param optimizer where the runtime works
 * @throws LensError of kind `device` or `model` if the runtime cannot be loaded
 */
export async function channelBlock(optimizer: Optimizer = ownThread): Promise<number | null> {
  const folder = await probeFolder();
  if (folder === null) return null;
  try {
    const optimizedModelPath = join(folder, 'probe.onnx');
    const options = { provider: 'cpu', threads: 1, optimizedModelPath } as const;
    await optimizer.optimize(encodeModel(probe()), options);
    const { nodes, initializers } = (await readModel(optimizedModelPath)).graph;
    const convolution = nodes.find(({ domain, opType }) => domain === BLOCKED_DOMAIN && opType === 'Conv');
    return initializers.get(convolution?.inputs[1] ?? '')?.dims[0] ?? null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In the folder for temporary files, else beside what the answer is for; null where neither can be written. */
async function probeFolder(): Promise<string | null> {
  for (const place of [tmpdir(), cacheRoot()]) {
    const folder = await mkdtemp(join(place, 'lens-layout-')).catch(() => null);
    if (folder !== null) return folder;
  }
  return null;
}

/** One convolution of so few channels that the first block has room for them. */
function probe() {
  const builder = new GraphBuilder('probe');
  const size = CHANNEL_ALIGNMENT;
  const weights = builder.initializer(
    'weights',
    float32Tensor([size, size, 1, 1], new Float32Array(size * size).fill(1)),
  );
  const image = builder.input('image', 'float32', [1, size, 2, 2]);
  builder.output(builder.node('Conv', [image, weights]), 'float32', [1, size, 2, 2]);
  return builder.model();
}
