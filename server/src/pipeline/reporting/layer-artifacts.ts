/** Writes every layer's pictures, statistics and raw maps, and returns the report's rows. */
import type { HeatmapReport, LayerReport } from '../../../../protocol/report';
import type { MapsBytes, PartialLayer } from '../../../../protocol/requests';
import { endOf } from '../../../../protocol/report-bounds';
import { isTelling, tellingLayer } from '../../../../protocol/telling';
import type { LayerOutputs } from '../../explain/layer';
import type { RgbImage } from '../../imaging/image';
import { ArtifactWriter } from '../../report/artifacts';
import { Painters } from '../../report/drawing';
import type { ReportFolder } from '../../report/folder';
import { MapsFile } from '../../report/maps-file';
import { paintLayers } from '../../report/paint-layers';
import type { PainterThread } from '../../report/painter-thread';
import type { LayerPaths } from '../../report/paths';
import { layerPaths, reportPaths } from '../../report/paths';
import { layerStats } from '../../report/stats';
import type { Analysis } from '../analysis';
import type { LayerRow } from './layers';
import { drawnLayer, mapsOf, undrawnLayer } from './layers';

const NONE = { nan: 0, inf: 0 };

export interface LayerListener {
  /** After each layer: its name, and the share done. */
  readonly progress: (name: string, share: number) => void;
  /** All numbers are known, and the file of raw maps is on disk. @param maps of the layer that is shown first, if there is one */
  readonly known: (layers: readonly PartialLayer[], maps: MapsBytes | null) => void;
  /** A layer's pictures are on disk. */
  readonly drawn: (layer: LayerReport) => void;
}

/** The files that `writeLayers` will write for each layer; their folders can be made before the network has run. */
export function layerFiles(layers: readonly Pick<LayerOutputs, 'name' | 'methods'>[]): readonly string[] {
  return layerPaths(layers.map(({ name }) => name)).flatMap((paths, i) => [
    paths.activation,
    paths.stats,
    ...(layers[i]?.methods ?? []).map((method, index) => paths.heatmap(method, index === 0)),
  ]);
}

const sourceOf = (source: string | undefined): { readonly source?: string } =>
  source === undefined ? {} : { source };

/**
 * @param painter draws in parallel; null if only this thread draws
 * @param later only the layer that represents the report in a list is drawn
 */
export async function writeLayers(
  {
    sample,
    about,
    crop,
    nonFinite,
    lensId,
  }: Pick<Analysis, 'sample' | 'about' | 'crop' | 'nonFinite' | 'lensId'>,
  folder: ReportFolder,
  listener: LayerListener,
  signal: AbortSignal | undefined,
  painter: PainterThread | null = null,
  painters = new Painters(),
  later = false,
): Promise<readonly LayerReport[]> {
  const layers = rowsOf({ sample, about, nonFinite, lensId });
  const file = new MapsFile();
  const undrawn = layers.map((row) => undrawnLayer(row, file));
  const bytes = file.bytes();
  await folder.write(reportPaths.maps, bytes);
  if (later) return writeUndrawn({ layers, undrawn, bytes, image: crop.image }, folder, listener, painters);
  listener.known(
    undrawn.map((row) => ({ ...row, drawn: false })),
    shownFirst(undrawn, bytes),
  );

  const writer = new ArtifactWriter(folder, signal);
  const rows: LayerReport[] = [];
  let drawn = 0;
  const allMaps = layers.map(({ maps }) => maps);
  const second = painter?.begin(crop.image) ?? null;
  const painted = paintLayers(
    crop.image,
    allMaps,
    second,
    async (index, { activation, overlays }) => {
      const row = layers[index] as LayerRow;
      const blanks = overlays.map(({ blank }) => blank);
      const report = drawnLayer(undrawn[index] as PartialLayer, row, blanks);
      rows[index] = report;
      await writer.data(row.paths.activation, activation);
      for (const [i, { picture }] of overlays.entries())
        await writer.data((report.heatmaps[i] as HeatmapReport).picture, picture);
      listener.drawn(report);
      drawn += 1;
      listener.progress(report.name, drawn / layers.length);
    },
    painters,
  );
  await painted.finally(() => second?.end());

  for (const [index, row] of rows.entries())
    await writer.json((layers[index] as LayerRow).paths.stats, layerStats(row));
  return rows;
}

function rowsOf({
  sample,
  about,
  nonFinite,
  lensId,
}: Pick<Analysis, 'sample' | 'about' | 'nonFinite' | 'lensId'>): readonly LayerRow[] {
  const paths = layerPaths(sample.layers.map(({ name }) => name));
  return sample.layers.map((layer, i) => ({
    layer,
    maps: mapsOf(layer, lensId === 'fsbi' ? 'square' : 'bars'),
    paths: paths[i] as LayerPaths,
    operator: about.operators[layer.name] ?? '',
    ...sourceOf(about.sources[layer.name]),
    nonFinite: nonFinite.get(layer.name) ?? NONE,
  }));
}

/** @param bytes of the file of raw maps */
function shownFirst(rows: readonly PartialLayer[], bytes: Buffer): MapsBytes | null {
  const layer = tellingLayer(rows);
  const [heatmap] = layer?.heatmaps ?? [];
  if (layer === null || heatmap === undefined) return null;
  const slices = [heatmap.map, layer.activation.map];
  const parts = slices.map((slice) => bytes.subarray(slice.offset, endOf(slice)));
  return { slices, base64: Buffer.concat(parts).toString('base64') };
}

interface Undrawn {
  readonly bytes: Buffer;
  readonly layers: readonly LayerRow[];
  readonly undrawn: readonly PartialLayer[];
  readonly image: RgbImage;
}

/** The rows, with only the picture of the most telling heatmap drawn, which a list of reports shows. */
async function writeUndrawn(
  { layers, undrawn, bytes, image }: Undrawn,
  folder: ReportFolder,
  listener: LayerListener,
  painters: Painters,
): Promise<readonly LayerReport[]> {
  const painter = painters.over(image);
  try {
    const rows = layers.map((row, i) =>
      drawnLayer(undrawn[i] as PartialLayer, row, painter.blanks(row.maps)),
    );
    listener.known(rows, shownFirst(rows, bytes));
    const at = rows.findLastIndex(isTelling);
    const heatmap = rows[at]?.heatmaps[0];
    const maps = layers[at]?.maps;
    const [cam] = maps?.cams ?? [];
    if (heatmap && maps && cam)
      await folder.write(heatmap.picture, painter.paintCam(cam.map, maps.vector).picture);
    return rows;
  } finally {
    painters.back(painter);
  }
}
