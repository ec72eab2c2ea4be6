/** What `bench gpu` measures besides one image: several images in one run, and the detector's network. */
import { retinaFaceTensors } from '../server/src/architectures/retinaface';
import { encodeModel } from '../server/src/onnx/write';
import type { Provider, Tensor } from '../server/src/runtime/session';
import { seededRetinaFace } from './detection/seeded';
import {
  differenceOf,
  measureGraph,
  placementText,
  reasonOf,
  type Results,
  type Run,
  type Values,
} from './gpu-run';
import { explainFeeds, inOneRun, sampleTensor, type NetworkChoice } from './networks';
import { busy } from './script';
import { grid, median, spread } from './table';

/** Images in one run. */
const BATCH = 4;

/** Of the detector's picture. */
const [WIDTH, HEIGHT] = [640, 480];

/** The CPU's are compared with, and take long: it runs as often as this. */
const REPEATS_OF_CPU = 3;

type Measured<T> = T | { readonly failure: string };

export interface Further {
  readonly provider: Provider;
  readonly batch: Measured<{ readonly forward: Run; readonly explain: Run }>;
  readonly detector: Measured<Run>;
}

/** One that fails does not take the other with it. */
export async function measureFurther(
  provider: Provider,
  choice: NetworkChoice,
  repeats: number,
): Promise<Further> {
  const times = provider === 'cpu' ? Math.min(repeats, REPEATS_OF_CPU) : repeats;
  const failed = (thrown: unknown) => ({ failure: reasonOf(thrown) });
  return {
    provider,
    batch: await measureBatch(provider, choice, times).catch(failed),
    detector: await measureDetector(provider, times).catch(failed),
  };
}

async function measureBatch(provider: Provider, choice: NetworkChoice, repeats: number) {
  const { model, input, graph } = await inOneRun({ ...choice, provider }, BATCH);
  const { side } = choice;
  busy(`${provider}: ${BATCH} in one run`);
  const feeds = { [input]: sampleTensor(side, BATCH) };
  const forward = await measureGraph(provider, encodeModel(model), feeds, repeats);
  const explain = await measureGraph(
    provider,
    encodeModel(graph.model),
    explainFeeds(graph.inputs, side, BATCH),
    repeats,
  );
  return { forward, explain };
}

async function measureDetector(provider: Provider, repeats: number): Promise<Run> {
  busy(`${provider}: RetinaFace`);
  const { model } = await seededRetinaFace('resnet50');
  const size = 3 * WIDTH * HEIGHT;
  const data = Float32Array.from({ length: size }, (_, i) => (i % 997) / 4 - 120);
  const image: Tensor = { type: 'float32', dims: [1, 3, HEIGHT, WIDTH], data };
  return measureGraph(provider, encodeModel(model), { [retinaFaceTensors.image]: image }, repeats);
}

const floatsOf = (results: Results): readonly Values[] =>
  Object.values(results).flatMap(({ type, data }) => (type === 'float32' ? [data] : []));

/** @param all the CPU's first */
export function furtherTables(all: readonly Further[]): string {
  const rate = ({ times }: Run): string => ((BATCH * 1000) / median(times)).toFixed(1);
  const batches = all.map(({ provider, batch }) =>
    'failure' in batch
      ? [provider, batch.failure, '', '', '']
      : [
          ...[provider, rate(batch.forward), rate(batch.explain)],
          (median(batch.explain.times) / median(batch.forward.times)).toFixed(2),
          String(batch.explain.placement?.providers.reduce((sum, { nodes }) => sum + nodes, 0) ?? ''),
        ],
  );
  const [reference] = all;
  const detectors = all.map(({ provider, detector }) => {
    if ('failure' in detector) return [provider, detector.failure, '', '', ''];
    const expected = reference === undefined || 'failure' in reference.detector ? null : reference.detector;
    const difference =
      expected === null ? null : differenceOf(floatsOf(expected.results), floatsOf(detector.results));
    return [
      ...[provider, spread(detector.times, 1), detector.first.toFixed(0)],
      ...[difference?.relative.toExponential(1) ?? 'not known', placementText(detector.placement)],
    ];
  });
  return [
    grid(
      [
        `${BATCH} images in one run`,
        'forward images/s',
        'explain images/s',
        'explain : forward',
        'explain: nodes',
      ],
      batches,
    ),
    grid(
      [
        `RetinaFace ResNet-50, ${WIDTH}x${HEIGHT}`,
        'ms',
        'first run ms',
        'from the CPU, of the range',
        'nodes',
      ],
      detectors,
    ),
  ].join('\n\n');
}
