/** One analysis from image file to report folder: composes the steps, each of which is a file beside this one. */
import { existsSync } from 'node:fs';
import type { AnalysisOptions, Progress } from '../../../protocol/analysis';
import type { Report } from '../../../protocol/report';
import type { FinishedReport, PartialReport } from '../../../protocol/requests';
import type { AnalysisStep } from '../../../protocol/vocabulary';
import { throwIfAborted } from '../errors';
import { decodeImage } from '../imaging/decode';
import type { ReportFolder } from '../report/folder';
import { writeReportFolder } from '../report/folder';
import { toJson } from '../report/json';
import { ProcessLog } from '../report/log';
import { reportMarkdown } from '../report/markdown';
import { reportPaths } from '../report/paths';
import { now } from '../report/process-id';
import { classifierStats } from '../report/stats';
import type { Analysis, Preprocessed } from './analysis';
import {
  describeDetection,
  describeDevice,
  describeHead,
  describeInput,
  describeModel,
  describePreprocess,
  describeReport,
} from './reporting/describe';
import { detectFaces } from './face/detection';
import { borrowed, choosePipeline, requireFit } from './choose-pipeline';
import { FirstResults } from './reporting/first-results';
import type { LayerListener } from './reporting/layer-artifacts';
import { layerFiles, writeLayers } from './reporting/layer-artifacts';
import { faceMask } from './face/mask';
import { prepareInput, regionFor } from './steps/preprocess';
import { isOnnxFile } from '../store/model-files';
import type { BatchWeights } from './network/batch-weights';
import type { PreparingStage } from './network/loading';
import { loadingMessage, preparingMessage, stageShares } from './network/loading';
import { InputPictures, writeFace } from './reporting/step-pictures';
import { Stopwatch } from './reporting/stopwatch';
import { classLabels, targetIndex } from './network/target';
import type { Mutex } from '../system/mutex';
import type { Weights } from './network/weights';
import type { Workbench } from './workbench/workbench';

export interface RunHooks {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** More became known; its pictures are on disk under `folder`, which is renamed when the report is complete. */
  readonly partial?: (folder: string, report: PartialReport) => void;
  /** Other analyses are under way at the same time. */
  readonly several?: boolean;
  /** Given with every image of a batch: the first one's weights are everyone's. */
  readonly weights?: BatchWeights;
  /** Takes images beyond the pixel limit. */
  readonly allowHuge?: boolean;
}

/**
 * Analyses one image and writes its report folder, whole or not at all.
 * @throws LensError; its kind says who has to act
 */
export async function analyze(
  imagePath: string,
  options: AnalysisOptions,
  bench: Workbench,
  hooks: RunHooks = {},
): Promise<FinishedReport> {
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  try {
    return await analyzeUntil(end, imagePath, options, bench, hooks);
  } finally {
    ended();
  }
}

/** @param end keeps the network loaded until then, also if others ask the workbench for another one */
async function analyzeUntil(
  end: Promise<void>,
  imagePath: string,
  options: AnalysisOptions,
  bench: Workbench,
  hooks: RunHooks,
): Promise<FinishedReport> {
  const { signal } = hooks;
  bench.expect();
  const startedAt = now();
  const log = new ProcessLog();
  const note = (line: string): void => log.add('INFO', line);
  note(`${imagePath}: pipeline ${options.pipeline ?? 'not asked for'}`);
  const watch = new Stopwatch(hooks.progress, undefined, note);
  const device = await bench.device(options.device);
  const placement = {
    ...{ provider: device.provider, threads: options.threads },
    spinning: hooks.several !== true,
  };
  const { recipe, weights } = await choosePipeline(
    options,
    bench.store,
    (look) => hooks.weights?.resolve(look) ?? look(),
  );
  note(`device ${device.provider}, weights ${weights.name}, pipeline ${recipe.id}`);
  const { inputSize, threshold } = recipe;
  const prepared = {
    ...{ inputSize, methods: options.methods, activation: options.activation },
    memoryLimit: options.memoryLimit,
    ...(threshold === undefined ? {} : { threshold }),
  };
  // In a thread of its own, while the image is read and searched.
  if (existsSync(imagePath)) void bench.warmUp(weights, prepared, placement);

  /** A step that waits for its turn first; waiting is no step's time. @param told see `Stopwatch.step` */
  const inTurn = <T>(
    turns: Mutex,
    step: AnalysisStep,
    message: string,
    work: () => Promise<T>,
    told = true,
  ): Promise<T> => {
    watch.stop();
    return turns.pass(async () => {
      watch.step(step, message, told);
      try {
        return await work();
      } finally {
        watch.stop(); // the next one's work may begin before this one goes on
      }
    }, signal);
  };

  watch.step('input', 'reading the image');
  const decoded = await decodeImage(imagePath, {
    signal,
    ...(hooks.allowHuge === true ? { maxPixels: Infinity } : {}),
  });

  const place = { output: options.output, pipeline: recipe.id, imagePath, startedAt, log, signal };
  const { value: report, path } = await writeReportFolder(place, async (folder) => {
    const { untrained } = weights;
    const told = new FirstResults(
      folder,
      hooks.partial ?? null,
      { untrained, notes: decoded.notes },
      signal,
      bench.drawing,
    );
    try {
      return await inFolder(folder, told);
    } finally {
      told.end();
    }
  });
  return { folder: path, report };

  async function inFolder(folder: ReportFolder, told: FirstResults): Promise<Report> {
    const pictures = new InputPictures(decoded.image);
    const input = describeInput({ decoded, imagePath });
    const early = describeDevice({ device, options, placement: null });
    const drawInput = (): void =>
      told.draw((writer) => pictures.original(writer), { input, device: early, methods: options.methods });
    // A large detector takes seconds, in which who watches can look at the image already.
    if (hooks.partial !== undefined) drawInput();

    const detection = await inTurn(bench.locks.detector, 'detection', 'looking for faces', () =>
      detectFaces(
        decoded.image,
        imagePath,
        options,
        recipe,
        (choice, maxSize) => bench.detector(choice, maxSize, placement),
        signal,
      ),
    );

    /** Cuts out and prepares at the network's size, and has the pictures of it drawn. */
    const preprocess = (size: number) => {
      watch.step('crop', 'cutting the face out');
      const region = regionFor(decoded.image, detection, recipe, options.crop);
      watch.step('wavelet', recipe.preprocess.map(({ step }) => step).join(', '));
      const input = { width: size, height: size };
      const prepared = prepareInput(region, recipe, input, bench.drawing.png.kernels);
      const { crop, tensor } = prepared;
      watch.stop();
      const mask = faceMask(detection, crop);
      const done = { decoded, detection, crop, mask, prepared } satisfies Preprocessed;
      const described = describePreprocess({ ...done, recipe });
      told.draw((writer) => writeFace(writer, done), {
        detection: describeDetection({ ...done, options }),
        preprocess: described,
      });
      if (hooks.partial === undefined) drawInput();
      told.draw((writer) => pictures.overlay(writer, detection));
      return { done: { ...done, preprocess: described }, tensor };
    };

    const size = knownSize(weights, inputSize);
    const before = size === null ? null : preprocess(size);
    bench.painter?.prepare();
    const load = async () => {
      const cached = await bench.isPrepared(weights, prepared, placement);
      if (cached) watch.within(0, loadingMessage(weights));
      const preparing = (stage: PreparingStage): void => {
        const message = preparingMessage(weights, stage);
        note(message);
        watch.within(stageShares[stage], message);
      };
      return bench.classifier(weights, { ...prepared, signal, preparing }, placement, end);
    };
    const classifier = await inTurn(bench.locks.loading, 'model', loadingMessage(weights), load, false);
    const { about } = classifier;
    requireFit(recipe, options.pipeline !== null, about, weights);
    told.knows({ borrowed: borrowed(recipe, about) });
    const labels = classLabels(recipe, about.classes, about.logits);
    const wanted = targetIndex(options.target ?? recipe.target, labels);
    throwIfAborted(signal);
    told.tell({ model: describeModel({ weights, about, labels }) });
    const { done, tensor } = before ?? preprocess(about.inputShape[3] ?? 0);

    const what = `Grad-CAM of ${about.explain.outputs.layers.length} layers on ${device.provider}`;
    const explained = await inTurn(bench.locks.network, 'explain', what, async () => {
      await new Promise((resolve) => setImmediate(resolve)); // the run may block this thread: let the message out first
      throwIfAborted(signal);
      const running = classifier.explain(tensor, wanted);
      folder.prepare(layerFiles(about.explain.outputs.layers)); // while the network's threads are at work
      const sample = await running;
      throwIfAborted(signal);
      const nonFinite = await classifier.countNonFinite(sample, tensor);
      return { sample, nonFinite, placement: await classifier.nodePlacement() };
    });
    bench.explained();
    watch.step('pictures', `drawing ${explained.sample.layers.length} layers`);
    const analysis = {
      ...done,
      ...{ imagePath, options, recipe, device, weights, about, labels, startedAt, ...explained },
    };
    return writeReport(analysis, folder, told, watch, bench, signal);
  }
}

/**
 * Side of the network's input where it is known before the network is loaded: checkpoints and generated weights are built
 * for the size that is asked for, while an ONNX file has its own.
 */
const knownSize = ({ path }: Weights, inputSize: number | null): number | null =>
  path !== null && isOnnxFile(path) ? null : inputSize;

/** Milliseconds between two words about layers: each wakes the process that listens, which takes as long as a small picture. */
const PROGRESS_PAUSE = 50;

/** The pictures of every layer, then the report itself. */
async function writeReport(
  analysis: Analysis,
  folder: ReportFolder,
  told: FirstResults,
  watch: Stopwatch,
  { painter, drawing, notCached }: Pick<Workbench, 'painter' | 'drawing' | 'notCached'>,
  signal: AbortSignal | undefined,
): Promise<Report> {
  const head = describeHead(analysis);
  const { device, target, classifier } = head;
  let next = 0;
  const listener: LayerListener = {
    progress: (name, share) => {
      if (performance.now() < next) return;
      next = performance.now() + PROGRESS_PAUSE;
      watch.within(share, `drawing ${name}`);
    },
    known: (layers) => told.tell({ device, target, classifier, mapsFile: reportPaths.maps }, layers),
    drawn: (layer) => told.drawn(layer),
  };
  const layers = await writeLayers(analysis, folder, listener, signal, painter, drawing.painters);
  await told.finish();
  await folder.write(reportPaths.classifier, toJson(classifierStats(head)));

  watch.stop();
  const timings = watch.timings(); // the report cannot say how long it took to write itself
  watch.step('report', 'writing the report');
  const { processId } = folder;
  const report = describeReport(analysis, head, {
    ...{ processId, layers, timings },
    ...(notCached.length === 0 ? {} : { notCached }),
  });
  await folder.write(reportPaths.json, toJson(report));
  await folder.write(reportPaths.markdown, reportMarkdown(report));
  for (const { code, message } of report.warnings) folder.log.add('WARNING', `${code}: ${message}`);
  return report;
}
