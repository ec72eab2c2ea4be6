/** Proves that a device computes: one Relu, run where asked, its answer checked. */
import { LensError } from '../errors';
import { GraphBuilder } from '../onnx/builder';
import { encodeModel } from '../onnx/encode';
import { examineThisCuda } from './devices';
import { createSession } from './onnxruntime';
import type { Provider } from './session';

/** The processor needs no proof. Takes a session's start: callers keep the answer. @throws LensError of kind `device` */
export async function probeDevice(provider: Provider): Promise<void> {
  if (provider === 'cpu') return;
  try {
    await runRelu(provider);
  } catch (thrown) {
    throw provider === 'cuda' ? withMissingParts(thrown) : thrown;
  }
}

/** The runtime only says that a library failed to load; which one, and what to do, can be seen from the files. */
function withMissingParts(thrown: unknown): unknown {
  const fault = examineThisCuda().findings.find(({ ok }) => !ok);
  if (fault === undefined || !(thrown instanceof LensError)) return thrown;
  return new LensError('device', `The cuda device does not start: ${fault.text}.`, {
    cause: thrown,
    ...(fault.fix === null ? {} : { fix: fault.fix }),
  });
}

async function runRelu(provider: Provider): Promise<void> {
  const graph = new GraphBuilder('probe');
  graph.input('x', 'float32', [4]);
  graph.node('Relu', ['x'], {}, 'y');
  graph.output('y', 'float32', [4]);
  const session = await createSession(encodeModel(graph.model()), { provider });
  try {
    const { y } = await session.run({
      x: { type: 'float32', dims: [4], data: Float32Array.of(-1, 0, 2, 3) },
    });
    if (y === undefined || y.data.join() !== '0,0,2,3') {
      throw new LensError(
        'device',
        `The ${provider} device computes wrongly: relu(-1, 0, 2, 3) came out as ${String(y?.data)}.`,
        {
          fix: 'Update the GPU driver, or choose `--device cpu`.',
        },
      );
    }
  } finally {
    await session.dispose();
  }
}
