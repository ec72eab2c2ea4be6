/**
 * How the options of an analysis stand in its report, and the way back: the same analysis can be asked for again. A new option is a
 * type error here until it has both.
 */
import { basename, dirname } from 'node:path';
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { DetectionReport, OptionsReport, Report } from '../../../protocol/report';
import { DETECTORS, type DetectorChoice, type DetectorId } from '../../../protocol/vocabulary';

/** All but the limit of memory, which is this machine's to set: a report from elsewhere must not raise it. */
export type ReportedOptions = Omit<AnalysisOptions, 'memoryLimit'>;

/** And but the output folder, which is where the report lies. */
type Recorded = { readonly [Name in Exclude<keyof ReportedOptions, 'output'>]: OptionsReport[Name] };

/** What was taken where the options left it open. */
export interface Taken {
  /** Id of the pipeline. */
  readonly pipeline: string;
  /** What names the weights: see `OptionsReport`. */
  readonly weights: string;
  readonly detector: DetectionReport['detector'];
}

/** What the report says of its options: another analysis with them sees the same face through the same network. */
export function describeOptions(asked: AnalysisOptions, taken: Taken): OptionsReport {
  const recorded: Recorded = {
    pipeline: taken.pipeline,
    weights: taken.weights,
    architecture: asked.architecture,
    stateDict: asked.stateDict,
    target: asked.target,
    activation: asked.activation,
    detector: asked.detector === 'auto' ? choices[taken.detector] : asked.detector,
    box: asked.box,
    crop: asked.crop,
    maxSize: asked.maxSize,
    methods: asked.methods,
    device: asked.device,
    threads: asked.threads,
  };
  return recorded;
}

/**
 * From what a report says of its options, else from what one of an earlier version says beside them.
 * @param folder where the report lies
 */
export function optionsOf(report: Report, folder: string): ReportedOptions {
  const asked: Recorded = report.options ?? earlierOptions(report);
  return {
    pipeline: asked.pipeline,
    weights: asked.weights,
    architecture: asked.architecture,
    stateDict: asked.stateDict,
    target: asked.target,
    activation: asked.activation,
    detector: asked.detector,
    box: asked.box,
    crop: asked.crop,
    maxSize: asked.maxSize,
    methods: asked.methods,
    device: asked.device,
    threads: asked.threads,
    output: outputOf(folder),
  };
}

function earlierOptions({ pipeline, model, target, detection, methods, device }: Report): Recorded {
  const { detector, faces, crop, maxSize } = detection;
  return {
    pipeline,
    weights: model.untrained ? 'demo' : (model.path ?? model.name),
    architecture: model.architecture === 'onnx' ? null : model.architecture,
    stateDict: model.checkpoint?.requestedStateDict ?? null,
    target: target.requested,
    activation: 'auto',
    detector: choices[detector],
    box: detector === 'box' ? (faces[0]?.box ?? null) : null,
    crop: crop.mode === 'whole' ? null : crop.mode,
    maxSize,
    methods,
    device: device.requested,
    threads: null,
  };
}

const choices = Object.fromEntries(DETECTORS.map(({ id, choice }) => [id, choice])) as Readonly<
  Record<DetectorId, DetectorChoice>
>;

/** Reports lie in `<output>/<process id>/result`; one that was moved elsewhere gets its successors beside it. */
const outputOf = (folder: string): string =>
  basename(folder) === 'result' ? dirname(dirname(folder)) : dirname(folder);
