/** Proves that a device computes: one Relu, run where asked, its answer checked. */
import { LensError } from '../errors';
import { GraphBuilder } from '../onnx/builder';
import { encodeModel } from '../onnx/encode';
import { createSession } from './onnxruntime';
import type { Provider } from './session';

/** The processor needs no proof. Takes a session's start: callers keep the answer. @throws LensError of kind `device` */
export async function probeDevice(provider: Provider): Promise<void> {
  if (provider !== 'cpu') await runRelu(provider);
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
