/** One analysis from image file to report folder: each stage is a file in the folder that its import names. */
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { subjectOf } from '../../../protocol/subject';
import type { ReportFolder } from '../report/folder';
import { writeReportFolder } from '../report/folder';
import type { EditedImage } from './edited';
import { withStrokes } from './edited';
import { findFace } from './face/find-face';
import { explainImage } from './network/explain-image';
import { knownSize, loadNetwork, requireInput } from './network/load-network';
import { describeDevice, describeInput } from './reporting/describe';
import { publisherOf, type Publisher } from './reporting/publisher';
import { InputPictures } from './reporting/step-pictures';
import { writeReport } from './reporting/write-report';
import { readPicture } from './read-picture';
import type { RunContext, RunHooks } from './run-context';
import { beginRun, untilSettled } from './run-context';
import type { PreparedFor } from './steps/prepare-image';
import { prepareImage } from './steps/prepare-image';
import type { Workbench } from './workbench/workbench';

export type { RunHooks };

/**
 * Analyzes one image and writes its report folder, whole or not at all.
 * @throws LensError; its kind says who has to act
 */
export const analyze = (
  imagePath: string,
  options: AnalysisOptions,
  bench: Workbench,
  hooks: RunHooks = {},
): Promise<FinishedReport> =>
  untilSettled(async (end) => {
    const run = await beginRun(imagePath, options, bench, hooks);
    run.watch.step('input', 'reading the image');
    const file = await readPicture(imagePath, bench, hooks);
    const decoded = withStrokes(file, imagePath, options.strokes, bench.recall);
    const place = { ...run, output: options.output, pipeline: run.lens.id };
    const { value: report, path } = await writeReportFolder(place, async (folder) => {
      const publisher = publisherOf(run, decoded, folder);
      try {
        return await inFolder(run, decoded, folder, publisher, end);
      } finally {
        publisher.end();
      }
    });
    return { folder: path, report };
  });

/** @param end the network stays loaded until then */
async function inFolder(
  run: RunContext,
  decoded: EditedImage,
  folder: ReportFolder,
  publisher: Publisher,
  end: Promise<void>,
): Promise<Report> {
  const { imagePath, options, device, lens: chosen, weights, startedAt } = run;
  const pictures = new InputPictures(decoded);
  const { preprocess } = chosen.early;
  const detector = options.box === null ? chosen.early.detector : 'box';
  // Steps that only the network can tell are those of its exporter, which knows no wavelet.
  const subject = subjectOf(detector, preprocess?.some(({ step }) => step === 'wavelet') ?? false);
  const drawInput = (): void => {
    const known = {
      input: describeInput(decoded, imagePath, subject),
      device: describeDevice(device, options, null),
    };
    publisher.draw((writer) => pictures.original(writer), { ...known, methods: chosen.plan.methods });
  };
  // A large detector takes seconds: publish the input first, so that the panel has something to show.
  const watched = run.hooks.partial !== undefined;
  if (watched) drawInput();
  const detection = await findFace(run, decoded);
  const prepare = (lens: PreparedFor) => {
    const prepared = prepareImage(run, decoded, detection, lens, publisher);
    if (!watched) drawInput();
    publisher.draw((writer) => pictures.overlay(writer, detection, subject));
    return prepared;
  };
  const size = knownSize(run);
  // While the network is loading, if size and steps are known without it.
  const early = size === null || preprocess === null ? null : prepare({ ...chosen.early, preprocess, size });
  if (options.pictures !== 'later') run.bench.painter?.prepare();
  const network = await loadNetwork(run, publisher, end);
  const { lens, labels, classifier } = network;
  const { about } = classifier;
  const [, , height = 0, width = 0] = about.inputShape;
  const { done, tensor } = early ?? prepare({ ...lens, size: [height, width] });
  requireInput(tensor, network, weights);
  const explained = await explainImage(run, network, tensor, folder);
  const facts = {
    ...{ imagePath, options, lens, lensId: chosen.id },
    ...{ device, weights, about, labels, startedAt },
    // The range that the network proves was not known before it was loaded.
    preprocess: { ...done.preprocess, expectedRange: lens.range },
  };
  return writeReport(run, { ...done, ...facts, ...explained }, folder, publisher);
}
