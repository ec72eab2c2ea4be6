/** Turns the explain run's numbers into the report's rows: ranges, shares, health. */
import type { HealthMark, LayerReport, Range, Real } from '../../../../protocol/report';
import type { PartialLayer } from '../../../../protocol/requests';
import type { LayerResult } from '../../explain/decode';
import { relu } from '../../../../painting/heatmap';
import type { FloatMap } from '../../imaging/image';
import { countNegative } from '../../../../painting/reduce';
import type { LayerMaps, VectorDrawing } from '../../report/layer-pictures';
import type { MapsFile } from '../../report/maps-file';
import type { LayerPaths } from '../../report/paths';
import { rangeOf, real } from '../steps/tensor';

/** Counts of a tensor's values that are not finite. */
export interface NonFinite {
  readonly nan: number;
  readonly inf: number;
}

/** The maps of a layer as pictures need them. @param vectors how layers without height and width are drawn */
export function mapsOf(layer: LayerResult, vectors: VectorDrawing): LayerMaps {
  const shaped = (data: Float32Array): FloatMap =>
    layer.form.kind === 'map'
      ? { width: layer.form.width, height: layer.form.height, data }
      : { width: data.length, height: 1, data };
  return {
    activation: shaped(layer.mean),
    cams: [...layer.cam].map(([method, data]) => ({ method, map: shaped(data) })),
    vector: layer.form.kind === 'vector' ? vectors : null,
  };
}

export interface LayerRow {
  readonly layer: LayerResult;
  readonly operator: string;
  readonly source?: string;
  readonly paths: LayerPaths;
  readonly maps: LayerMaps;
  readonly nonFinite: NonFinite;
}

/** Everything known about a layer before it is drawn. */
export function undrawnLayer(
  { layer, operator, source, paths, maps, nonFinite }: LayerRow,
  file: MapsFile,
): PartialLayer {
  const { mean, std, min, max, zeros } = layer.statistics;
  const activation = { mean: real(mean), std: real(std), min: real(min), max: real(max), zeros: real(zeros) };
  const heatmaps = maps.cams.map(({ method, map }, index) => ({
    method,
    picture: paths.heatmap(method, index === 0),
    map: file.add(map),
    cam: camRange(map, maps.vector !== null),
    negative: shareOfNegative(map),
    blank: null,
  }));
  return {
    name: layer.name,
    folder: paths.folder,
    shape: layer.shape,
    operator,
    ...gridOf(layer),
    ...(source === undefined ? {} : { source }),
    ...(layer.unexplained === null ? {} : { unexplained: layer.unexplained }),
    activation: { ...activation, ...nonFinite, picture: paths.activation, map: file.add(maps.activation) },
    channelWeights: file.addVector(layer.weights),
    heatmaps,
    health: healthOf(layer, nonFinite, false),
  };
}

/** Stated only where the shape does not imply it. */
function gridOf({ form }: LayerResult): Pick<PartialLayer, 'grid'> {
  if (form.kind !== 'map' || form.axes === undefined) return {};
  const { height, width, skipped = 0 } = form;
  return { grid: { height, width, skipped } };
}

/** The report's row. @param blanks for each method, whether its picture shows nothing */
export function drawnLayer(
  row: PartialLayer,
  { layer, nonFinite }: LayerRow,
  blanks: readonly boolean[],
): LayerReport {
  return {
    ...row,
    heatmaps: row.heatmaps.map((heatmap, index) => ({ ...heatmap, blank: blanks[index] ?? false })),
    health: healthOf(layer, nonFinite, blanks[0] === true),
  };
}

/** After ReLU, as the heatmap shows it; a vector has no ReLU. */
function camRange(map: FloatMap, vector: boolean): Range {
  return rangeOf(vector ? map.data : relu(map).data);
}

function shareOfNegative({ data }: FloatMap): Real {
  return real(countNegative(data) / data.length);
}

function healthOf(
  { statistics: { zeros, min, max }, form }: LayerResult,
  { nan, inf }: NonFinite,
  blank: boolean,
): readonly HealthMark[] {
  const marks: readonly (readonly [HealthMark, boolean])[] = [
    ['nan', nan > 0],
    ['inf', inf > 0],
    ['dead', zeros === 1],
    ['constant', zeros !== 1 && min === max],
    ['blank-cam', blank],
    ['single-pixel', form.kind === 'map' && form.width * form.height === 1],
  ];
  return marks.filter(([, applies]) => applies).map(([mark]) => mark);
}
