/** One analysis from image file to report folder: composes the steps, each of which is a file beside this one. */
import { existsSync } from 'node:fs';
import type { AnalysisOptions, Progress, Step } from '../../../protocol/analysis';
import type { Report } from '../../../protocol/report';
import type { FinishedReport, PartialReport } from '../../../protocol/requests';
import { throwIfAborted } from '../errors';
import { decodeImage } from '../imaging/decode';
import { ArtifactWriter } from '../report/artifacts';
import type { ReportFolder } from '../report/folder';
import { writeReportFolder } from '../report/folder';
import { toJson } from '../report/json';
import { ProcessLog } from '../report/log';
import { reportMarkdown } from '../report/markdown';
import { reportPaths } from '../report/paths';
import { now } from '../report/process-id';
import { classifierStats } from '../report/stats';
import type { Analysis, Preprocessed } from './analysis';
import type { Head } from './describe';
import { describeHead, describeReport } from './describe';
import { detectFaces } from './detection';
import { writeLayers } from './layer-artifacts';
import { faceMask } from './mask';
import { cropFor, tensorFor } from './preprocess';
import type { BatchWeights } from './batch-weights';
import { readRecipe } from './recipe';
import { writeStepPictures } from './step-pictures';
import { Stopwatch } from './stopwatch';
import { classLabels, targetIndex } from './target';
import type { Turnstile } from './turnstile';
import { resolveWeights } from './weights';
import type { Workbench } from './workbench';

export interface RunHooks {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** First results, with their pictures on disk under `folder`, before the heatmaps are. */
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
  const startedAt = now();
  const log = new ProcessLog();
  const note = (line: string): void => log.add('INFO', line);
  note(`${imagePath}: pipeline ${options.pipeline}`);
  const watch = new Stopwatch(hooks.progress, undefined, note);
  const recipe = readRecipe(options.pipeline);
  const device = await bench.device(options.device);
  const placement = {
    ...{ provider: device.provider, threads: options.threads },
    spinning: hooks.several !== true,
  };
  const findWeights = () => resolveWeights(options, recipe, bench.store);
  const weights = await (hooks.weights?.resolve(findWeights) ?? findWeights());
  note(`device ${device.provider}, weights ${weights.name}`);
  const { inputSize } = recipe;
  // In a thread of its own, while the image is read and searched.
  if (existsSync(imagePath)) void bench.warmUp(weights, { inputSize, methods: options.methods }, placement);

  /** A step that waits for its turn first; waiting is no step's time. */
  const inTurn = <T>(turns: Turnstile, step: Step, message: string, work: () => Promise<T>): Promise<T> => {
    watch.stop();
    return turns.pass(async () => {
      watch.step(step, message);
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

  const detection = await inTurn(bench.turns.detector, 'detection', 'looking for faces', () =>
    detectFaces(
      decoded.image,
      imagePath,
      options,
      recipe,
      (choice, maxSize) => bench.detector(choice, maxSize, placement),
      signal,
    ),
  );

  const classifier = await inTurn(bench.turns.loading, 'model', `loading ${weights.name}`, () =>
    bench.classifier(weights, { inputSize, methods: options.methods, signal }, placement, end),
  );
  const { about } = classifier;
  const labels = classLabels(recipe, about.classes);
  const wanted = targetIndex(options.target ?? recipe.target, labels);
  throwIfAborted(signal);

  watch.step('crop', 'cutting the face out');
  const size = about.inputShape[3] ?? 0;
  const crop = cropFor(decoded.image, detection, recipe, options.crop, size);
  const mask = faceMask(detection, crop);

  watch.step('wavelet', recipe.wavelet === null ? 'preparing the tensor' : `${recipe.wavelet.name} wavelet`);
  const { wavelet, tensor } = tensorFor(crop.image, recipe);
  const preprocessed: Preprocessed = { decoded, detection, crop, mask, wavelet, tensor: tensor.data };

  const place = { output: options.output, pipeline: recipe.id, imagePath, startedAt, log, signal };
  const { value: report, path } = await writeReportFolder(place, async (folder) => {
    const writer = new ArtifactWriter(folder, signal);
    await writeStepPictures(writer, preprocessed, recipe);
    const what = `Grad-CAM of ${about.explain.outputs.layers.length} layers on ${device.provider}`;
    const explained = await inTurn(bench.turns.network, 'explain', what, async () => {
      await new Promise((resolve) => setImmediate(resolve)); // the run may block this thread: let the message out first
      throwIfAborted(signal);
      const sample = await classifier.explain(tensor, wanted);
      throwIfAborted(signal);
      const nonFinite = await classifier.countNonFinite(sample, tensor);
      return { sample, nonFinite, placement: await classifier.nodePlacement() };
    });
    const analysis = {
      ...preprocessed,
      ...{ imagePath, options, recipe, device, weights, about, labels, startedAt, ...explained },
    };
    watch.step('pictures', `drawing ${explained.sample.layers.length} layers`);
    await writer.finish();
    const head = describeHead(analysis);
    hooks.partial?.(folder.path, head);
    return writeReport(analysis, head, folder, watch, bench, signal);
  });
  return { folder: path, report };
}

/** The pictures of every layer, then the report itself. */
async function writeReport(
  analysis: Analysis,
  head: Head,
  folder: ReportFolder,
  watch: Stopwatch,
  { painter }: Pick<Workbench, 'painter'>,
  signal: AbortSignal | undefined,
): Promise<Report> {
  const drawn = (name: string, share: number): void => watch.within(share, `drawing ${name}`);
  const layers = await writeLayers(analysis, folder, drawn, signal, painter);
  await folder.write(reportPaths.classifier, toJson(classifierStats(head)));

  watch.stop();
  const timings = watch.timings(); // the report cannot say how long it took to write itself
  watch.step('report', 'writing the report');
  const { processId } = folder;
  const report = describeReport(analysis, head, { processId, layers, timings });
  await folder.write(reportPaths.json, toJson(report));
  await folder.write(reportPaths.markdown, reportMarkdown(report));
  for (const { code, message } of report.warnings) folder.log.add('WARNING', `${code}: ${message}`);
  return report;
}
