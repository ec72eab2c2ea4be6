/** The last station: the pictures of every layer, then the report itself. */
import type { Report } from '../../../../protocol/report';
import type { ReportFolder } from '../../report/folder';
import { toJson } from '../../report/json';
import { reportMarkdown } from '../../report/markdown';
import { reportPaths } from '../../report/paths';
import { classifierStats } from '../../report/stats';
import type { Analysis } from '../analysis';
import type { RunContext } from '../run-context';
import { describeHead, describeReport } from './describe';
import type { LayerListener } from './layer-artifacts';
import { writeLayers } from './layer-artifacts';
import type { Publisher } from './publisher';

/** Milliseconds between two messages about layers: each wakes the listening process, which costs as much as a small picture. */
const PROGRESS_PAUSE = 50;

export async function writeReport(
  { watch, bench, signal }: RunContext,
  analysis: Analysis,
  folder: ReportFolder,
  publisher: Publisher,
): Promise<Report> {
  const later = analysis.options.pictures === 'later';
  watch.step('pictures', later ? 'writing raw maps' : `drawing ${analysis.sample.layers.length} layers`);
  const head = describeHead(analysis);
  const { device, target, classifier } = head;
  // The verdict is known before what is to be said of every layer.
  publisher.publish({ device, target, classifier });
  let next = 0;
  const listener: LayerListener = {
    progress: (name, share) => {
      if (performance.now() < next) return;
      next = performance.now() + PROGRESS_PAUSE;
      watch.within(share, `drawing ${name}`);
    },
    known: (layers, maps) =>
      publisher.publish({ mapsFile: reportPaths.maps }, { layers, ...(maps === null ? {} : { maps }) }),
    drawn: (layer) => publisher.drawn(layer),
  };
  const { painter, drawing, notCached } = bench;
  const layers = await writeLayers(
    ...([analysis, folder, listener, signal, painter, drawing.painters, later] as const),
  );
  await publisher.finish();
  if (!later) await folder.write(reportPaths.classifier, toJson(classifierStats(head)));

  watch.stop();
  const timings = watch.timings(); // the report cannot say how long it took to write itself
  watch.step('report', 'writing the report');
  const report = describeReport(analysis, head, {
    ...{ processId: folder.processId, layers, timings },
    ...(later ? { undrawn: true as const } : {}),
    ...(notCached.length === 0 ? {} : { notCached }),
  });
  await folder.write(reportPaths.json, toJson(report));
  if (!later) await folder.write(reportPaths.markdown, reportMarkdown(report));
  for (const { code, message } of report.warnings) folder.log.add('WARNING', `${code}: ${message}`);
  return report;
}
