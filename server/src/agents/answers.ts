/**
 * What a report says, in words for a language model: numbers with their meaning, and where the network
 * looked, never why.
 */
import { readMapBytes } from '../../../files/report-folder';
import type { LayerDetails } from '../../../protocol/requests';
import type { LayerReport, Real, Report } from '../../../protocol/report';
import { lensSummary } from '../../../protocol/lens-words';
import { isTelling } from '../../../protocol/telling';
import { readSlice } from '../report/maps-file';
import { requireRead } from '../pipeline/again';

/** Classes that are listed, the most probable first. */
const MOST_CLASSES = 5;

/** Rows of the table of layers. */
const MOST_LAYERS = 64;

export const MAP_NOTE =
  'A heatmap highlights where features add to the score of the target class. It does not say why the network decided.';

export function analysisAnswer(folder: string, report: Report, telling: LayerReport | null): object {
  const { input, model, classifier, target, warnings, lens, layers } = report;
  return {
    image: input.path,
    verdict: {
      label: classifier.predicted.label,
      index: classifier.predicted.index,
      probability: classifier.confidence,
      ...(classifier.verdict === undefined ? {} : { labelsAboveThreshold: classifier.verdict }),
    },
    classes: leading(report),
    target: { label: target.label, index: target.index },
    model: {
      name: model.name,
      architecture: model.architecture,
      untrained: model.untrained,
      input: model.inputShape,
    },
    ...(lens === undefined ? {} : { preparation: lensSummary(lens) }),
    warnings: warnings.map(({ code, message }) => ({ code, message })),
    picture: telling === null ? null : statement(telling, target.label),
    note: MAP_NOTE,
    layers: layers.slice(0, MOST_LAYERS).map(({ name, shape, health }) => ({
      ...{ name, shape },
      ...(health.length === 0 ? {} : { health }),
    })),
    ...(layers.length > MOST_LAYERS ? { moreLayers: layers.length - MOST_LAYERS } : {}),
    report: folder,
  };
}

const statement = ({ name, heatmaps: [first] }: LayerReport, label: string): string =>
  `${first?.method ?? 'heatmap'} of the layer ${name}: highlights where its features add to the score of "${label}".`;

function leading({ classifier: { labels, probabilities, logits } }: Report): readonly object[] {
  const values = probabilities ?? (logits.length === labels.length ? logits : null);
  if (values === null) return [];
  const number = (value: Real | undefined): number => (typeof value === 'number' ? value : -Infinity);
  return labels
    .map((label, index) => ({
      label,
      index,
      [probabilities === null ? 'logit' : 'probability']: values[index],
    }))
    .toSorted((a, b) => number(values[b.index]) - number(values[a.index]))
    .slice(0, MOST_CLASSES);
}

export async function layerAnswer(
  folder: string,
  report: Report,
  row: LayerReport,
  details: LayerDetails,
): Promise<object> {
  const { activation, heatmaps, health, unexplained } = row;
  const { min, max, zeros, nan, inf } = activation;
  const [first] = heatmaps;
  return {
    layer: row.name,
    operator: row.operator,
    shape: row.shape,
    ...(row.source === undefined ? {} : { source: row.source }),
    activation: { min, max, shareOfZeros: zeros, nan, inf },
    health,
    target: { label: report.target.label, index: report.target.index },
    heatmap:
      first === undefined
        ? { none: unexplained ?? 'There is none.' }
        : {
            method: first.method,
            ...{ min: first.cam.min, max: first.cam.max, shareNegativeBeforeReLU: first.negative },
            greatestAt: isTelling(row) ? await greatestAt(folder, report, row) : null,
            statement: first.blank ? 'The heatmap is empty.' : statement(row, report.target.label),
          },
    channels: details.channels.map(({ index, weight, contribution }) => ({ index, weight, contribution })),
    note: `${MAP_NOTE} "contribution" is a channel's share of the map's absolute sum.`,
    warnings: report.warnings.filter(({ layers }) => layers.includes(row.name)).map(({ message }) => message),
    report: folder,
  };
}

/** Position of the raw map's maximum, as fractions of the prepared picture's width and height. */
async function greatestAt(folder: string, report: Report, row: LayerReport): Promise<object | null> {
  const [first] = row.heatmaps;
  if (first === undefined) return null;
  const bytes = requireRead(await readMapBytes(folder, report, first.map));
  const { data, width, height } = readSlice(bytes, { ...first.map, offset: 0 });
  const at = data.reduce((best, value, i) => (value > (data[best] ?? -Infinity) ? i : best), 0);
  const rounded = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    x: rounded(((at % width) + 0.5) / width),
    y: rounded((Math.floor(at / width) + 0.5) / height),
    of: 'width and height of the prepared picture, from its top left corner',
  };
}
