/**
 * Writes the options of an analysis into its report, and reads them back, so that the same analysis can be
 * repeated.
 */
import { basename, dirname } from 'node:path';
import {
  optionRows,
  type AnalysisOptions,
  type OptionsReport,
  type RecordedName,
  type RecordedOptions,
  type TakenOptions,
} from '../../../protocol/options';
import type { Report } from '../../../protocol/report';
import { DETECTORS, type DetectorChoice, type DetectorId } from '../../../protocol/vocabulary';

/** What a report says about its options, and its output folder, which is where it is. */
export type ReportedOptions = Pick<AnalysisOptions, RecordedName | 'output'>;

/** What was used where the options left it open; for the detector, the one that found the face. */
export type Taken = Omit<TakenOptions, 'detector'> & {
  readonly detector: DetectorId;
  /** The detector that would have been used had no box been given. */
  readonly otherwise?: DetectorChoice;
};

const recorded = optionRows.filter((row) => row.recorded !== null);

/** What the report says of its options: another analysis with them sees the same face through the same network. */
export function describeOptions(asked: AnalysisOptions, taken: Taken): OptionsReport {
  const open = asked.detector === null || asked.detector === 'auto';
  const found: Readonly<Record<string, unknown>> = {
    ...{ ...asked, ...taken },
    detector: open ? detectorTaken(taken) : asked.detector,
  };
  const entries = recorded.map(({ name, recorded: how }) => [
    name,
    how === 'taken' ? found[name] : asked[name],
  ]);
  return Object.fromEntries(entries) as OptionsReport;
}

/**
 * A box given with a lens that looks for no faces must not turn it into one that does: without the box the
 * whole picture is analyzed again.
 */
const detectorTaken = ({ detector, otherwise }: Taken): DetectorChoice =>
  detector === 'box' ? (otherwise ?? choices.box) : choices[detector];

/**
 * From what a report says about its options, else from what one of an earlier version says beside them; what
 * neither says was not requested. @param folder where the report is
 */
export function optionsOf(report: Report, folder: string): ReportedOptions {
  const stated: Readonly<Record<string, unknown>> = report.options ?? earlierOptions(report);
  const entries = recorded.map(({ name, default: otherwise }) => [name, stated[name] ?? otherwise]);
  const options = Object.fromEntries(entries) as unknown as RecordedOptions;
  return {
    ...options,
    ...(detectorOfLens(report, options) ? { detector: null } : {}),
    output: outputOf(folder),
  };
}

/** The lens names the detector that was taken, so the next report has it from there too, not from an option. */
const detectorOfLens = ({ lens }: Report, { detector }: RecordedOptions): boolean =>
  lens?.values.some(
    ({ key, value, origin }) => key === 'detector.use' && origin !== 'option' && value === detector,
  ) ?? false;

function earlierOptions({
  pipeline,
  model,
  target,
  detection,
  methods,
  device,
}: Report): Partial<RecordedOptions> {
  const { detector, faces, crop, maxSize } = detection;
  return {
    pipeline,
    weights: model.untrained ? 'demo' : (model.path ?? model.name),
    architecture: model.architecture === 'onnx' ? null : model.architecture,
    stateDict: model.checkpoint?.requestedStateDict ?? null,
    target: target.requested,
    detector: choices[detector],
    box: detector === 'box' ? (faces[0]?.box ?? null) : null,
    crop: crop.mode === 'whole' ? null : crop.mode,
    maxSize,
    methods,
    device: device.requested,
  };
}

const choices = Object.fromEntries(DETECTORS.map(({ id, choice }) => [id, choice])) as Readonly<
  Record<DetectorId, DetectorChoice>
>;

/** Reports are in `<output>/<process id>/result`; one that was moved elsewhere gets its successors beside it. */
const outputOf = (folder: string): string =>
  basename(folder) === 'result' ? dirname(dirname(folder)) : dirname(folder);
