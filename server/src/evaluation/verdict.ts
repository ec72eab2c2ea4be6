/** From the network's result for one picture to its row. */
import type { SampleResult } from '../explain/decode';
import type { Box } from '../imaging/image';
import { classify, labelAt } from '../pipeline/network/classify';
import { mapsOf, type NonFinite } from '../pipeline/reporting/layers';
import type { About } from '../pipeline/network/prepare';
import { summarizeHeat, type Places, type Region } from './heat';
import { crossEntropy } from './loss';
import type { Mask, MaskFault } from './masks';
import type { HeatSummary, Row } from './row';
import { inPicture, inView, seenPart, type View } from './view';

/** One picture after the network has run. */
export interface Seen {
  readonly decoded: {
    readonly sha256: string;
    readonly width: number;
    readonly height: number;
    readonly dhash: string;
  };
  readonly sample: SampleResult;
  /** Only layers that have any. */
  readonly nonFinite: ReadonlyMap<string, NonFinite>;
  /** From pixels of the picture to those of the network's input. */
  readonly place: View;
  /** In pixels of the picture; null if no face was looked for. */
  readonly face: Box | null;
  /** Null if masks are not used. */
  readonly mask: Mask | MaskFault | null;
  readonly warnings: readonly string[];
}

export interface Asked {
  readonly about: Pick<About, 'activation'>;
  readonly classes: readonly string[];
  readonly threshold: number | null;
  /** Shares of the picture. */
  readonly attentionBox: Region | null;
}

/** The row's own part: which picture it is, and what it is labeled. */
export type RowStart = Pick<Row, 'index' | 'path' | 'label' | 'labelIndex'>;

export function rowOf(start: RowStart, seen: Seen, asked: Asked): Row {
  const { sample, decoded } = seen;
  const { activation } = asked.about;
  const { probabilities, predicted } = classify(sample, activation, asked.threshold ?? undefined);
  const { labelIndex } = start;
  const isMulti = activation.multiLabel;
  return {
    ...start,
    ...decoded,
    view: seenPart(seen.place, decoded),
    predicted: predicted === null ? null : labelAt(asked.classes, predicted),
    predictedIndex: predicted,
    confidence: predicted === null ? null : (probabilities?.[predicted] ?? null),
    // With several labels there is no single right answer, and without a verdict no answer.
    correct: labelIndex === null || isMulti || predicted === null ? null : predicted === labelIndex,
    loss:
      labelIndex === null || probabilities === null || isMulti
        ? null
        : crossEntropy(sample.logits, probabilities, labelIndex, activation),
    probabilities,
    heat: sample.layers.map((layer) => heatOf(layer, seen, asked.attentionBox)),
    health: sample.layers.map((layer) => healthOf(layer, seen.nonFinite.get(layer.name))),
    warnings: [
      ...(predicted === null ? ['undecided'] : []),
      ...(typeof seen.mask === 'string' ? [seen.mask] : []),
      ...seen.warnings,
    ],
    error: null,
  };
}

/** A picture that could not be read or prepared. */
export const failedRow = (start: RowStart, error: string): Row => ({
  ...start,
  ...{ sha256: null, width: null, height: null, view: null, predicted: null, predictedIndex: null },
  ...{ confidence: null, correct: null, loss: null, probabilities: null },
  ...{ heat: [], health: [], warnings: [], error },
});

function heatOf(
  layer: SampleResult['layers'][number],
  { place, face, mask, decoded }: Seen,
  box: Region | null,
): HeatSummary | null {
  const [cam] = mapsOf(layer, 'bars').cams;
  if (layer.form.kind !== 'map' || cam === undefined || layer.unexplained !== null) return null;
  const [x0, y0, x1, y1] = box ?? [0, 0, 0, 0];
  const { width, height } = decoded;
  const places: Places = {
    box: box === null ? null : inView([x0 * width, y0 * height, x1 * width, y1 * height], place),
    face: face === null ? null : inView(face, place),
    mask: mask === null || typeof mask === 'string' ? null : (region) => mask.share(inPicture(region, place)),
  };
  return summarizeHeat(cam.map, places);
}

function healthOf(
  { statistics: { zeros, min, max } }: SampleResult['layers'][number],
  found: NonFinite | undefined,
): readonly string[] {
  const { nan = 0, inf = 0 } = found ?? {};
  const marks: readonly (readonly [string, boolean])[] = [
    ['nan', nan > 0],
    ['inf', inf > 0],
    ['dead', zeros === 1],
    ['constant', zeros !== 1 && min === max],
  ];
  return marks.filter(([, applies]) => applies).map(([mark]) => mark);
}
