/** Writes every layer's pictures, statistics and raw maps, and returns the report's rows. */
import type { LayerReport } from '../../../protocol/report';
import { ArtifactWriter } from '../report/artifacts';
import type { ReportFolder } from '../report/folder';
import { MapsFile } from '../report/maps-file';
import { paintLayers } from '../report/paint-layers';
import type { PainterThread } from '../report/painter-thread';
import type { LayerPaths } from '../report/paths';
import { layerPaths, reportPaths } from '../report/paths';
import { layerStats } from '../report/stats';
import type { Analysis } from './analysis';
import { layerReport, mapsOf } from './layers';

const NONE = { nan: 0, inf: 0 };

/**
 * @param progress is told after each layer: its name, and the share done
 * @param painter draws beside this thread; null where this thread is to draw alone
 */
export async function writeLayers(
  { sample, about, crop, nonFinite }: Pick<Analysis, 'sample' | 'about' | 'crop' | 'nonFinite'>,
  folder: ReportFolder,
  progress: (name: string, share: number) => void,
  signal: AbortSignal | undefined,
  painter: PainterThread | null = null,
): Promise<readonly LayerReport[]> {
  const writer = new ArtifactWriter(folder, signal);
  const paths = layerPaths(sample.layers.map(({ name }) => name));
  const layers = sample.layers.map((layer, i) => ({
    layer,
    maps: mapsOf(layer),
    paths: paths[i] as LayerPaths,
    operator: about.operators[layer.name] ?? '',
    nonFinite: nonFinite.get(layer.name) ?? NONE,
  }));

  const blanks: boolean[][] = layers.map(() => []);
  let drawn = 0;
  const allMaps = layers.map(({ maps }) => maps);
  const second = painter?.begin(crop.image) ?? null;
  const painted = paintLayers(crop.image, allMaps, second, async (index, { activation, overlays }) => {
    const { layer, maps, paths } = layers[index] as (typeof layers)[number];
    await writer.data(paths.activation, activation);
    for (const [i, { picture, blank }] of overlays.entries()) {
      const { method } = maps.cams[i] as (typeof maps.cams)[number];
      await writer.data(paths.heatmap(method, i === 0), picture);
      blanks[index]?.push(blank);
    }
    drawn += 1;
    progress(layer.name, drawn / layers.length);
  });
  await painted.finally(() => second?.end());

  const file = new MapsFile();
  const rows = layers.map((row, index) => layerReport({ ...row, blanks: blanks[index] ?? [] }, file));
  for (const [index, row] of rows.entries()) {
    await writer.json((layers[index] as (typeof layers)[number]).paths.stats, layerStats(row));
  }
  await writer.data(reportPaths.maps, file.bytes());
  await writer.finish();
  return rows;
}
