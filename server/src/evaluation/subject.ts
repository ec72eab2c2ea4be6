/** The network of an evaluation: loaded once, and run on one picture after another. Nothing is drawn. */
import type { AnalysisOptions } from '../../../protocol/options';
import { CLASSIFIER_KINDS, idsOf } from '../../../protocol/vocabulary';
import { throwIfAborted } from '../errors';
import { dhashOf } from './duplicates/dhash';
import { decodeImage } from '../imaging/decode';
import type { DecodedImage } from '../imaging/decode';
import { classifierKind, THRESHOLD } from '../pipeline/network/activation';
import type { LoadedNetwork } from '../pipeline/network/load-network';
import { loadNetwork, requireInput } from '../pipeline/network/load-network';
import type { Detection } from '../pipeline/face/detection';
import { findFace } from '../pipeline/face/find-face';
import { describeModel, preprocessOf } from '../pipeline/reporting/describe';
import { Stopwatch } from '../pipeline/reporting/stopwatch';
import { computeWarnings } from '../pipeline/reporting/warnings';
import type { RunContext, RunHooks } from '../pipeline/run-context';
import { inTurn, planRun } from '../pipeline/run-context';
import { scaleOf } from '../pipeline/steps/placement';
import { prepareInput, regionFor } from '../pipeline/steps/preprocess';
import type { Workbench } from '../pipeline/workbench/workbench';
import { Mutex } from '../system/mutex';
import { projectVersion } from '../system/paths';
import { readMask, type PictureFile } from './masks';
import { requireSetOptions } from './set-options';
import type { Seen } from './verdict';
import type { TableHead } from './row';

export interface Subject {
  readonly head: Omit<TableHead, 'set' | 'labelled' | 'attentionBox' | 'attentionMask'>;
  readonly network: LoadedNetwork;
  /** Warnings about the network itself, whatever the picture: untrained weights and the like. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** The faces that the network would see, largest first: one for the whole picture without a detector. @throws LensError if there is none */
  faces(decoded: Picture, name: string): Promise<Detection>;
  /** The network's result for the first face. @throws LensError */
  see(decoded: Picture, detection: Detection, mask: PictureFile | null | undefined): Promise<Seen>;
  /** One picture through the network. @param mask file of its mask, null where there is none; undefined if masks are not used. @throws LensError */
  look(picture: PictureFile, mask: PictureFile | null | undefined): Promise<Seen>;
  /** Best number of pictures in flight: while some are in the network, the next are read and prepared. */
  readonly underWay: number;
  /** The session may be released. */
  done(): void;
}

/** One picture is being prepared, and the next one read. */
const READ_AHEAD = 2;

/** What is needed of a picture, from a file or a video. */
export type Picture = Pick<DecodedImage, 'image' | 'sha256' | 'notes'>;

const SILENT = { knows: () => undefined, publish: () => undefined };

/**
 * @param options layers null for only the verdict: no gradient is computed then
 * @throws LensError if the network cannot be loaded or does not fit its lens
 */
export async function openSubject(
  source: string,
  options: AnalysisOptions,
  bench: Workbench,
  hooks: RunHooks,
): Promise<Subject> {
  requireSetOptions(options);
  const planned = await planRun(source, options, bench, { ...hooks, several: true });
  // A lens's layers are for reports; here each layer costs a backward pass, so only requested ones are computed.
  const [method] = planned.prepare.methods;
  const prepare = {
    ...planned.prepare,
    ...(method === undefined ? {} : { methods: [method] }),
    ...(options.layers === null ? { layers: [] } : {}),
  };
  // A set has no process.log: lines of every picture would be kept for nobody.
  const watch = new Stopwatch(hooks.progress);
  const run = { ...planned, watch, prepare, placement: { ...planned.placement, lanes: true } };
  let done = (): void => undefined;
  const end = new Promise<void>((resolve) => (done = resolve));
  try {
    const network = await loadNetwork(run, SILENT, end);
    const { about } = network.classifier;
    const model = describeModel({ weights: run.weights, about, labels: network.labels, lens: network.lens });
    const { borrowed, passedOver } = network.lens;
    const warnings = computeWarnings({ model, borrowed, passedOver, lens: network.lens.report }, []);
    const turns = new Mutex(network.classifier.lanes);
    const known = new Set(warnings.map(({ code }) => code));
    const see: Subject['see'] = (decoded, detection, mask) =>
      seeIn({ decoded, detection, mask }, run, network, turns, known);
    return {
      network,
      head: headOf(run, network, method ?? null, await run.weights.beside()),
      warnings: warnings.map(({ code, message }) => ({ code, message })),
      faces: (decoded, name) => findFace({ ...run, imagePath: name }, decoded),
      see,
      look: async ({ file, below }, mask) => {
        throwIfAborted(run.signal);
        const decoded = await decodeImage(file, {
          signal: run.signal,
          ...(below === undefined ? {} : { below }),
          ...(hooks.allowHuge === true ? { maxPixels: Infinity } : {}),
        });
        return see(decoded, await findFace({ ...run, imagePath: file }, decoded), mask);
      },
      underWay: network.classifier.lanes + READ_AHEAD,
      done,
    };
  } catch (thrown) {
    done();
    throw thrown;
  }
}

/** Values of a lens that the head has under other names. */
const NAMED_APART: ReadonlySet<string> = new Set(['labels', 'layers', 'methods', 'target']);

function headOf(
  run: RunContext,
  network: LoadedNetwork,
  method: string | null,
  beside: readonly string[],
): Subject['head'] {
  const { about } = network.classifier;
  const kind = classifierKind(about.activation, about.logits);
  const layers = about.explain.outputs.layers.map(({ name }) => name);
  return {
    version: 1,
    software: projectVersion(),
    model: {
      ...{ name: run.weights.name, sha256: about.sha256, architecture: about.architecture },
      ...(beside.length === 0 ? {} : { beside }),
    },
    kind: idsOf(CLASSIFIER_KINDS).find((id) => id === kind) ?? kind,
    device: run.device.provider,
    lens: network.lens.report.values.flatMap(({ key, value }) =>
      NAMED_APART.has(key) ? [] : [{ key, value }],
    ),
    classes: network.labels,
    threshold: kind === 'single' ? null : (network.lens.threshold ?? THRESHOLD),
    target: network.lens.target,
    layers,
    method: layers.length === 0 ? null : method,
  };
}

interface Found {
  readonly decoded: Picture;
  readonly detection: Detection;
  readonly mask: PictureFile | null | undefined;
}

/** Pictures are prepared while others are in the network. */
async function seeIn(
  { decoded, detection, mask }: Found,
  run: RunContext,
  network: LoadedNetwork,
  turns: Mutex,
  known: ReadonlySet<string>,
): Promise<Seen> {
  const { signal, bench } = run;
  const { lens, classifier, wanted } = network;
  const { about } = classifier;
  throwIfAborted(signal);
  const region = regionFor(decoded.image, detection, lens);
  const [, , height = 0, width = 0] = about.inputShape;
  const prepared = prepareInput(region, lens, { width, height }, bench.drawing.png.kernels);
  requireInput(prepared.tensor, network, run.weights);
  const preprocess = preprocessOf(prepared, lens);
  const { sample, nonFinite } = await inTurn(run, turns, ['explain', 'running', false], async () => {
    throwIfAborted(signal);
    const result = await classifier.explain(prepared.tensor, wanted, false);
    return { sample: result, nonFinite: await classifier.countNonFinite(result, prepared.tensor) };
  });
  const found = computeWarnings({ preprocess, scale: scaleOf(prepared.placement) }, decoded.notes);
  const place = { crop: prepared.crop.box, placement: prepared.placement, width, height };
  const face = detection.detector.id === 'none' ? null : detection.faces[0].box;
  return {
    decoded: { ...sizeOf(decoded), dhash: dhashOf(decoded.image, bench.drawing.png.kernels) },
    sample,
    nonFinite,
    place,
    face,
    mask: mask === undefined ? null : await readMask(mask, decoded.image, signal),
    warnings: found.map(({ code }) => code).filter((code) => !known.has(code)),
  };
}

const sizeOf = ({ sha256, image: { width, height } }: Picture) => ({
  sha256,
  width,
  height,
});
