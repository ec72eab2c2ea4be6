/** Writes every layer's pictures, statistics and raw maps, and returns the report's rows. */
import type { LayerReport } from '../../../protocol/report';
import { ArtifactWriter } from '../report/artifacts';
import type { ReportFolder } from '../report/folder';
import { LayerPainter } from '../report/layer-pictures';
import { MapsFile } from '../report/maps-file';
import { layerPaths, reportPaths } from '../report/paths';
import { layerStats } from '../report/stats';
import type { Analysis } from './analysis';
import { layerReport, mapsOf } from './layers';

const NONE = { nan: 0, inf: 0 };

/** @param progress is told after each layer: its name, and the share done */
export async function writeLayers(
  { sample, about, crop, nonFinite }: Pick<Analysis, 'sample' | 'about' | 'crop' | 'nonFinite'>,
  folder: ReportFolder,
  progress: (name: string, share: number) => void,
  signal: AbortSignal | undefined,
): Promise<readonly LayerReport[]> {
  const writer = new ArtifactWriter(folder, signal);
  const painter = new LayerPainter(crop.image);
  const file = new MapsFile();
  const allPaths = layerPaths(sample.layers.map(({ name }) => name));
  const rows: LayerReport[] = [];
  for (const [index, layer] of sample.layers.entries()) {
    const paths = allPaths[index];
    if (paths === undefined) throw new Error(`No paths for layer ${layer.name}.`);
    const maps = mapsOf(layer);
    const { activation, overlays } = painter.paint(maps);
    await writer.data(paths.activation, activation);
    for (const [i, { method }] of maps.cams.entries()) {
      const overlay = overlays[i];
      if (overlay !== undefined) await writer.data(paths.heatmap(method, i === 0), overlay.picture);
    }
    const blanks = overlays.map(({ blank }) => blank);
    const operator = about.operators[layer.name] ?? '';
    const row = layerReport(
      { layer, operator, paths, maps, blanks, nonFinite: nonFinite.get(layer.name) ?? NONE },
      file,
    );
    await writer.json(paths.stats, layerStats(row));
    rows.push(row);
    progress(layer.name, (index + 1) / sample.layers.length);
  }
  await writer.data(reportPaths.maps, file.bytes());
  await writer.finish();
  return rows;
}
