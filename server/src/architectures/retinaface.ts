/** RetinaFace (arXiv 1905.00641) as an ONNX graph for pictures of any size: body, feature pyramid, context, heads. */
import { LensError } from '../errors';
import { float, GraphBuilder, int64Tensor } from '../onnx/builder';
import type { Model } from '../onnx/model';
import { readParameters } from './build';
import type { Parameters } from './difference';
import type { Feature } from './layers';
import { NetworkBuilder } from './layers';
import { NoGraph } from './no-graph';
import { noPadding, symmetricPadding } from './padding';
import type { Rectify } from './retinaface-bodies';
import { epsilon, mobileNetBody, resNet50Body } from './retinaface-bodies';
import type { RetinaFaceBody, RetinaFaceVariant } from './retinaface-variants';
import type { StateDict } from './state-dict';

/** Names of the graph's tensors. */
export const retinaFaceTensors = {
  /** float32, (1, 3, height, width). */
  image: 'image',
  /** (1, anchors, 4), (1, anchors, 2) and (1, anchors, 10): stride 8 first, rows of cells, two anchors a cell. */
  boxes: 'boxes',
  /** Of `background` and `face`, before the softmax. */
  logits: 'logits',
  landmarks: 'landmarks',
} as const;

/** Channels of the pyramid and of everything above it. */
const pyramidChannels: Readonly<Record<RetinaFaceBody, number>> = { resnet50: 256, 'mobilenet0.25': 64 };

const heads = [
  { module: 'BboxHead', values: 4, output: retinaFaceTensors.boxes },
  { module: 'ClassHead', values: 2, output: retinaFaceTensors.logits },
  { module: 'LandmarkHead', values: 10, output: retinaFaceTensors.landmarks },
] as const;

const ANCHORS_PER_CELL = 2;

/** State-dict names and shapes; the variants of one body have the same. */
export function retinaFaceParameters(body: RetinaFaceBody): Parameters {
  const graph = new NoGraph('retinaface');
  const net = new NetworkBuilder(graph, null);
  walk(net, graph, body, 0);
  return { shapes: net.parameters, unused: net.unused };
}

/**
 * Reads every parameter and builds the inference graph. The state dict (without a wrapper's prefix) must have been
 * checked against `retinaFaceParameters`: a shape that differs is an error all the same.
 */
export async function buildRetinaFace(stateDict: StateDict, variant: RetinaFaceVariant): Promise<Model> {
  const { shapes } = retinaFaceParameters(variant.body);
  const weights = await readParameters(variant.name, stateDict, shapes);
  const graph = new GraphBuilder(`retinaface-${variant.id}`);
  walk(new NetworkBuilder(graph, weights), graph, variant.body, variant.slope);
  return graph.model({ architecture: `retinaface/${variant.body}`, variant: variant.id });
}

function walk(net: NetworkBuilder, graph: GraphBuilder, body: RetinaFaceBody, slope: number): void {
  const dims = [1, 3, 'height', 'width'] as const;
  const tensor = graph.input(retinaFaceTensors.image, 'float32', dims);
  // Sizes play no part: the graph holds none. These only let the window arithmetic run.
  const image: Feature = { tensor, channels: 3, height: 640, width: 640 };
  const rectify: Rectify = (x) =>
    slope === 0
      ? net.relu(x)
      : { ...x, tensor: graph.node('LeakyRelu', [x.tensor], { alpha: float(slope) }, `${x.tensor}/leaky`) };

  const features = body === 'resnet50' ? resNet50Body(net, image) : mobileNetBody(net, image, rectify);
  const levels = pyramid(net, graph, features, pyramidChannels[body], rectify);
  const contexts = levels.map((level, index) => context(net, graph, level, `ssh${index + 1}`, rectify));
  for (const { module, values, output } of heads) {
    const rows = contexts.map((x, level) => headRows(net, graph, x, `${module}.${level}.conv1x1`, values));
    graph.node('Concat', rows, { axis: 1 }, output);
    graph.output(output, 'float32', [1, 'anchors', values]);
  }
}

/** Each level is made of its own feature and the next coarser level, enlarged to its size. */
function pyramid(
  net: NetworkBuilder,
  graph: GraphBuilder,
  features: readonly Feature[],
  channels: number,
  rectify: Rectify,
): readonly Feature[] {
  const [fine, middle, coarse] = features.map((feature, index) => {
    const path = `fpn.output${index + 1}`;
    const lateral = net.conv(feature, `${path}.0`, { channels, kernel: 1, padding: noPadding });
    return rectify(net.batchNorm(lateral, `${path}.1`, epsilon));
  });
  if (!fine || !middle || !coarse)
    throw new LensError('internal', 'RetinaFace needs features of three strides.');
  const merge = (level: Feature, coarser: Feature, path: string): Feature => {
    const sum = net.add(level, enlargedTo(graph, coarser, level), `${path}/sum`);
    return rectify(convNorm(net, sum, path, channels));
  };
  const merged = merge(middle, coarse, 'fpn.merge2');
  return [merge(fine, merged, 'fpn.merge1'), merged, coarse];
}

/**
 * The context module: 3x3, 5x5 and 7x7 views (the larger two as stacked 3x3), half, quarter, quarter of the channels. The libraries
 * rectify the views together; each by itself is the same, and the runtime makes it part of the convolution.
 */
function context(
  net: NetworkBuilder,
  graph: GraphBuilder,
  x: Feature,
  path: string,
  rectify: Rectify,
): Feature {
  const quarter = x.channels / 4;
  const near = net.relu(convNorm(net, x, `${path}.conv3X3`, 2 * quarter));
  const shared = rectify(convNorm(net, x, `${path}.conv5X5_1`, quarter));
  const middle = net.relu(convNorm(net, shared, `${path}.conv5X5_2`, quarter));
  const farther = rectify(convNorm(net, shared, `${path}.conv7X7_2`, quarter));
  const far = net.relu(convNorm(net, farther, `${path}.conv7x7_3`, quarter));
  const views = [near.tensor, middle.tensor, far.tensor];
  return { ...x, tensor: graph.node('Concat', views, { axis: 1 }, path) };
}

/** 3x3 convolution and normalization, as `<path>.0` and `<path>.1`. */
function convNorm(net: NetworkBuilder, x: Feature, path: string, channels: number): Feature {
  const convolved = net.conv(x, `${path}.0`, { channels, kernel: 3, padding: symmetricPadding(3) });
  return net.batchNorm(convolved, `${path}.1`, epsilon);
}

/** F.interpolate(mode='nearest') to another tensor's height and width: source index floor(i * source / target). */
function enlargedTo(graph: GraphBuilder, x: Feature, target: Feature): Feature {
  const size = graph.node('Shape', [target.tensor], { start: 2 }, `${x.tensor}/size`);
  const batchAndChannels = graph.constant(`${x.tensor}/channels`, () => int64Tensor([1, x.channels]));
  const sizes = graph.node('Concat', [batchAndChannels, size], { axis: 0 }, `${x.tensor}/sizes`);
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const tensor = graph.node('Resize', [x.tensor, '', '', sizes], attributes, `${x.tensor}/enlarged`);
  return { ...target, tensor };
}

/** (1, anchors of this level, values): the head's channels are `values` numbers for each of a cell's anchors. */
function headRows(
  net: NetworkBuilder,
  graph: GraphBuilder,
  x: Feature,
  path: string,
  values: number,
): string {
  const channels = ANCHORS_PER_CELL * values;
  const map = net.conv(x, path, { channels, kernel: 1, padding: noPadding, bias: true });
  const cells = graph.node('Transpose', [map.tensor], { perm: [0, 2, 3, 1] }, `${path}/cells`);
  const shape = graph.constant(`${path}/shape`, () => int64Tensor([1, -1, values]));
  return graph.node('Reshape', [cells, shape], {}, `${path}/rows`);
}

/** What recognizing a checkpoint needs of these networks (the registry's `Recognizer`). */
export const retinaFaceRecognizers = Object.freeze(
  (
    [
      ['resnet50', 'body.conv1.weight'],
      ['mobilenet0.25', 'body.stage1.0.0.weight'],
    ] as const
  ).map(([body, anchor]) => ({
    id: `retinaface/${body}`,
    task: 'detector' as const,
    anchor,
    head: null,
    expected: () => retinaFaceParameters(body),
    hasMoreThan: (tensors: number) => retinaFaceParameters(body).shapes.size > tensors,
  })),
);
