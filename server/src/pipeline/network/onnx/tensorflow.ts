/** Recognizes files of tf2onnx and Keras, and which published network they hold: preprocessing is guessed from that. */
import { kerasApplication } from '../../../lens/writers/keras';
import type { Model } from '../../../onnx/model';
import type { FromTensorFlow } from './proved';

/** Most node names that are examined. */
const MOST_NODES = 20_000;

/** Null if neither the producer nor the scopes are TensorFlow's. */
export function fromTensorFlow({ producer, graph }: Model): FromTensorFlow | null {
  const nodes = graph.nodes.slice(0, MOST_NODES);
  const called = nodes.some(({ name }) => name.includes('PartitionedCall/'));
  if (!/^(tf2onnx|keras2onnx|keras)/i.test(producer) && !called) return null;
  // `StatefulPartitionedCall/resnet50/conv1_conv/Conv2D`; weights are called after their layers too.
  const names = [...nodes.map(({ name }) => name), ...graph.initializers.keys()];
  const segments = new Set(names.flatMap((name) => name.replace(/:\d+$/, '').split('/')));
  return { application: kerasApplication(segments) };
}
