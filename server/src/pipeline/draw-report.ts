/**
 * Draws what an undrawn report's folder lacks from its raw maps and its picture: the same files as if it had
 * been drawn immediately.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { REPORT_FILE, mapsPlace, readMapSlices, readReportFolder } from '../../../files/report-folder';
import type { LayerReport, MapSlice, Report } from '../../../protocol/report';
import { LensError, throwIfAborted } from '../errors';
import { decodeImage } from '../imaging/decode';
import type { FloatMap } from '../imaging/image';
import { toJson } from '../report/json';
import type { LayerMaps } from '../report/layer-pictures';
import { readSlice } from '../report/maps-file';
import { reportMarkdown } from '../report/markdown';
import { outputError } from '../report/output-error';
import { paintLayers } from '../report/paint-layers';
import { layerPaths, reportPaths } from '../report/paths';
import { classifierStats, layerStats } from '../report/stats';
import { requireRead } from './again';
import type { Workbench } from './workbench/workbench';

/**
 * Rewrites `report.json` last, so that a report whose drawing was interrupted is still undrawn.
 * @throws LensError of kind `output` where the folder cannot be written, `usage` where the report's files are not what it says
 */
export async function drawReport(folder: string, bench: Workbench, signal?: AbortSignal): Promise<void> {
  const { undrawn, ...report } = requireRead(await readReportFolder(folder));
  if (undrawn !== true) return;
  requireOwnPaths(folder, report);
  const write = writerIn(folder);
  const { image } = await decodeImage(join(folder, report.detection.pictures.crop), { signal });
  const maps = await Promise.all(report.layers.map((layer) => mapsOf(folder, report, layer)));
  const second = bench.painter?.begin(image) ?? null;
  const painted = paintLayers(
    ...([image, maps, second] as const),
    async (index, { activation, overlays }) => {
      throwIfAborted(signal);
      const layer = report.layers[index] as LayerReport;
      await write(layer.activation.picture, activation);
      for (const [i, { picture }] of overlays.entries())
        await write(layer.heatmaps[i]?.picture ?? '', picture);
      await write(`${layer.folder}/stats.json`, toJson(layerStats(layer)));
    },
    bench.drawing.painters,
  );
  await painted.finally(() => second?.end());
  await write(reportPaths.classifier, toJson(classifierStats(report)));
  await write(reportPaths.markdown, reportMarkdown(report));
  await write(`${REPORT_FILE}.new`, toJson(report));
  await rename(join(folder, `${REPORT_FILE}.new`), join(folder, REPORT_FILE));
}

const writerIn =
  (folder: string) =>
  async (relative: string, content: Uint8Array | string): Promise<void> => {
    const path = join(folder, relative);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    } catch (error) {
      throw outputError(path, error);
    }
  };

/** A report may come from anyone: only what an analysis would have written there is written. */
function requireOwnPaths(folder: string, { layers, methods }: Report): void {
  const paths = layerPaths(layers.map(({ name }) => name));
  const own = layers.every((layer, i) => {
    const expected = paths[i];
    return (
      expected !== undefined &&
      layer.folder === expected.folder &&
      layer.activation.picture === expected.activation &&
      layer.heatmaps.every(
        ({ method, picture }) => picture === expected.heatmap(method, method === methods[0]),
      )
    );
  });
  if (own) return;
  throw new LensError(
    'usage',
    `${join(folder, REPORT_FILE)}: expected the layers' files under their own names.`,
    {
      fix: 'Analyze the image again to get a new report.',
    },
  );
}

async function mapsOf(folder: string, report: Report, layer: LayerReport): Promise<LayerMaps> {
  const { activation, heatmaps } = layer;
  const slices = [activation.map, ...heatmaps.map(({ map }) => map)];
  const bytes = requireRead(await readMapSlices(mapsPlace(folder, report), slices));
  const [mean, ...cams] = slices.map((slice, i) => mapFrom(bytes[i] as Buffer, slice));
  const isMap = layer.grid !== undefined || layer.shape.length === 4; // else its maps are one row of values
  return {
    activation: mean as FloatMap,
    cams: heatmaps.map(({ method }, i) => ({ method, map: cams[i] as FloatMap })),
    vector: isMap ? null : report.pipeline === 'fsbi' ? 'square' : 'bars',
  };
}

const mapFrom = (bytes: Buffer, slice: MapSlice): FloatMap => readSlice(bytes, { ...slice, offset: 0 });
