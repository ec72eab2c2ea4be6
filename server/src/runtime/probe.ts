/** Proves that a device computes: a convolution and a Relu, run where asked, their answer checked. */
import { LensError } from '../errors';
import { float32Tensor, GraphBuilder } from '../onnx/builder';
import { encodeModel } from '../onnx/encode';
import type { CudaExamination } from './cuda/examination';
import { examineThisCuda, vulkanDrivers } from './devices';
import { withMissingVulkanParts } from './nvidia-vulkan';
import { createSession } from './onnxruntime';
import type { Provider } from './session';

/**
 * The CPU needs no proof. Takes as long as starting a session: callers cache the answer. @throws LensError of
 * kind `device`
 */
export async function probeDevice(provider: Provider): Promise<void> {
  if (provider === 'cpu') return;
  try {
    await runConvolution(provider);
  } catch (thrown) {
    if (provider === 'cuda') throw withMissingParts(thrown);
    throw provider === 'webgpu' ? withMissingVulkanParts(thrown, vulkanDrivers()) : thrown;
  }
}

/** What the driver says where a library holds neither machine code for the GPU nor PTX to compile it from (cudaErrorNoKernelImageForDevice). */
const NO_KERNELS = /no kernel image/i;

/** The runtime only says that a library failed to load, or that a kernel is missing; which one, and what to do, can be seen from the files. */
export function withMissingParts(
  thrown: unknown,
  { findings }: CudaExamination = examineThisCuda(),
): unknown {
  if (!(thrown instanceof LensError)) return thrown;
  const fault = findings.find(({ ok }) => !ok);
  const provider = findings.find(({ part }) => part === 'provider');
  if (fault === undefined && provider !== undefined && NO_KERNELS.test(thrown.message))
    return new LensError('device', `The cuda device has no kernels for this GPU: ${provider.text}.`, {
      cause: thrown,
      remedies: ['other-device'],
    });
  if (fault === undefined) return thrown;
  return new LensError('device', `The cuda device does not start: ${fault.text}.`, {
    cause: thrown,
    ...(fault.fix === null ? {} : { fix: fault.fix }),
  });
}

/** 1 to 9 in a square: its sums over crosses, less 21. Small whole numbers, which no device may round. */
const INPUT = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const CROSS = [0, 1, 0, 1, 1, 1, 0, 1, 0];
const EXPECTED = '0,0,0,0,4,2,0,8,2';

/** A convolution, because CUDA's provider loads cuDNN only at the first one: without it, it starts all the same. */
async function runConvolution(provider: Provider): Promise<void> {
  const graph = new GraphBuilder('probe');
  graph.input('x', 'float32', [1, 1, 3, 3]);
  graph.initializer('w', float32Tensor([1, 1, 3, 3], CROSS));
  graph.initializer('b', float32Tensor([1], [-21]));
  graph.node('Conv', ['x', 'w', 'b'], { pads: [1, 1, 1, 1] }, 'sums');
  graph.node('Relu', ['sums'], {}, 'y');
  graph.output('y', 'float32', [1, 1, 3, 3]);
  const session = await createSession(encodeModel(graph.model()), { provider, recordPlacement: true });
  try {
    const { y } = await session.run({ x: { type: 'float32', dims: [1, 1, 3, 3], data: INPUT } });
    if (y === undefined || y.data.join() !== EXPECTED) {
      throw new LensError(
        'device',
        `The ${provider} device computes wrongly: a convolution and its Relu came out as ${String(y?.data)} instead of ${EXPECTED}.`,
        { fix: 'Update the GPU driver.', remedies: ['cpu'] },
      );
    }
    const { providers = [] } = (await session.nodePlacement()) ?? {};
    if (providers.length > 0 && !providers.some((ran) => ran.provider === provider)) {
      throw new LensError(
        'device',
        `The ${provider} device left a convolution and a Relu to the CPU: it runs nothing.`,
        { remedies: ['doctor', 'cpu'] },
      );
    }
  } finally {
    await session.dispose();
  }
}
