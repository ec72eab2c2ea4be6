/** What a schema cannot say of a report: how much there may be of anything, and that its parts agree with one another. */
import { problem, type Problem } from './check';
import { strokesProblem } from './strokes';
import type { BoxReport, LayerReport, MapSlice, RelativePath, Report } from './report';

/** Far above what any analysis writes, and far below what would exhaust a reader. */
export const REPORT_BOUNDS = Object.freeze({
  /** Of report.json, in bytes. */
  file: 64 << 20,
  json: { depth: 32, values: 4_000_000, text: 65_536 },
  layers: 10_000,
  labels: 100_000,
  faces: 10_000,
  /** Warnings, notes, steps: what is read by people. */
  lines: 1_000,
  /** Of a picture on its way to the network. */
  channels: 8,
  /** Pixels of the analyzed image, as many as are decoded. */
  pixels: 100_000_000,
  /** Side of the network's square input. */
  side: 8_192,
  /** Values of one activation. */
  activation: 2 ** 31,
  path: 1_024,
});

type Rule = (report: Report) => Problem | null;

const first = <T>(items: readonly T[], check: (item: T, index: number) => Problem | null): Problem | null => {
  for (let index = 0; index < items.length; index++) {
    const wrong = check(items[index] as T, index);
    if (wrong !== null) return wrong;
  }
  return null;
};

const atMost = (list: readonly unknown[], most: number, at: string): Problem | null =>
  list.length <= most ? null : problem(`a list of at most ${most}`, list, at);

const counts: Rule = ({
  layers,
  classifier,
  model,
  detection,
  preprocess,
  warnings,
  timings,
  device,
  lens,
}) =>
  first(
    [
      [layers, REPORT_BOUNDS.layers, 'layers'],
      [classifier.labels, REPORT_BOUNDS.labels, 'classifier.labels'],
      [model.labels, REPORT_BOUNDS.labels, 'model.labels'],
      [model.notes, REPORT_BOUNDS.lines, 'model.notes'],
      [model.inputShape, 8, 'model.inputShape'],
      [detection.faces, REPORT_BOUNDS.faces, 'detection.faces'],
      [preprocess.wavelet?.planes ?? [], REPORT_BOUNDS.lines, 'preprocess.wavelet.planes'],
      [preprocess.steps, REPORT_BOUNDS.lines, 'preprocess.steps'],
      ...preprocess.steps.flatMap(
        ({ channels, facts }, i) =>
          [
            [channels, REPORT_BOUNDS.channels, `preprocess.steps[${i}].channels`],
            [facts, REPORT_BOUNDS.lines, `preprocess.steps[${i}].facts`],
          ] as const,
      ),
      [warnings, REPORT_BOUNDS.lines, 'warnings'],
      [timings, REPORT_BOUNDS.lines, 'timings'],
      [device.passedOver, REPORT_BOUNDS.lines, 'device.passedOver'],
      [lens?.values ?? [], REPORT_BOUNDS.lines, 'lens.values'],
    ] as const,
    ([list, most, at]) => atMost(list, most, at),
  );

const [SLASH, DOT, COLON, BACKSLASH, SPACE] = [47, 46, 58, 92, 32];

/**
 * Below the report's folder whatever the system: no way up, no other root, no drive, nothing that a path cannot hold. One pass over the
 * characters, since a report of thousands of layers names three times as many.
 */
function isInside(path: RelativePath): boolean {
  if (path.length > REPORT_BOUNDS.path) return false;
  let start = 0;
  for (let i = 0; i <= path.length; i++) {
    const c = i === path.length ? SLASH : path.charCodeAt(i);
    if (c < SPACE || c === COLON || c === BACKSLASH) return false;
    if (c !== SLASH) continue;
    const length = i - start;
    const dots =
      length <= 2 && path.charCodeAt(start) === DOT && (length < 2 || path.charCodeAt(i - 1) === DOT);
    if (length === 0 || dots) return false;
    start = i + 1;
  }
  return true;
}

/** Every file that a report names below its folder, and where it does so: put into words only when it is asked. */
export function visitFiles(report: Report, visit: (path: RelativePath, at: () => string) => void): void {
  const { input, detection, preprocess, layers, mapsFile } = report;
  const { wavelet } = preprocess;
  visit(mapsFile, () => 'mapsFile');
  visit(input.pictures.original, () => 'input.pictures.original');
  visit(input.pictures.overlay, () => 'input.pictures.overlay');
  if (input.edited !== undefined) visit(input.edited.picture, () => 'input.edited.picture');
  const { crop, mask } = detection.pictures;
  visit(crop, () => 'detection.pictures.crop');
  if (mask !== null) visit(mask, () => 'detection.pictures.mask');
  if (wavelet !== null) visit(wavelet.pictures.processed, () => 'preprocess.wavelet.pictures.processed');
  wavelet?.planes.forEach(({ picture }, i) =>
    visit(picture, () => `preprocess.wavelet.planes[${i}].picture`),
  );
  layers.forEach(({ activation, heatmaps }, i) => {
    visit(activation.picture, () => `layers[${i}].activation.picture`);
    heatmaps.forEach(({ picture }, j) => visit(picture, () => `layers[${i}].heatmaps[${j}].picture`));
  });
}

const paths: Rule = (report) => {
  let wrong: Problem | null = null;
  const visit = (path: RelativePath, at: () => string): void => {
    if (wrong === null && !isInside(path)) wrong = problem("a path below the report's folder", path, at());
  };
  visitFiles(report, visit);
  report.layers.forEach(({ folder }, i) => visit(folder, () => `layers[${i}].folder`));
  return wrong;
};

const image: Rule = ({ input: { width, height }, detection: { crop } }) => {
  if (width * height > REPORT_BOUNDS.pixels)
    return problem(
      `at most ${REPORT_BOUNDS.pixels} pixels with the width of ${width}`,
      height,
      'input.height',
    );
  if (!isBoxOf(crop.box, width, height))
    return {
      at: 'detection.crop.box',
      expected: `whole pixels inside the image of ${width} x ${height}`,
      found: crop.box.join(', '),
    };
  if (crop.size > REPORT_BOUNDS.side)
    return problem(`at most ${REPORT_BOUNDS.side}`, crop.size, 'detection.crop.size');
  const { height: tall = crop.size } = crop;
  return tall <= REPORT_BOUNDS.side
    ? null
    : problem(`at most ${REPORT_BOUNDS.side}`, tall, 'detection.crop.height');
};

/**
 * Strokes are painted again when the report is asked for more: all of them have to be valid, and their
 * recorded counts true.
 */
const edited: Rule = ({ input, options }) => {
  const strokes = options?.strokes ?? null;
  if (strokes !== null) {
    const wrong = strokesProblem(strokes);
    if (wrong !== null) return { ...wrong, at: `options.strokes${wrong.at}` };
  }
  const count = strokes?.length ?? 0;
  if ((input.edited?.strokes ?? 0) !== count)
    return problem(`${count}, as many as options.strokes`, input.edited?.strokes, 'input.edited.strokes');
  const { pixels = 0 } = input.edited ?? {};
  return pixels > input.width * input.height
    ? problem('at most the pixels of the image', pixels, 'input.edited.pixels')
    : null;
};

const isBoxOf = ([x0, y0, x1, y1]: BoxReport, width: number, height: number): boolean =>
  [x0, y0, x1, y1].every(Number.isInteger) &&
  x0 >= 0 &&
  y0 >= 0 &&
  x0 < x1 &&
  y0 < y1 &&
  x1 <= width &&
  y1 <= height;

const classes: Rule = ({ classifier: { labels, logits, probabilities, predicted }, target }) => {
  const count = labels.length;
  if (logits.length !== count && logits.length !== 1)
    return problem(`a list of ${count}, as many as labels, or of 1`, logits, 'classifier.logits');
  if (probabilities !== null && probabilities.length !== count)
    return problem(`a list of ${count}, as many as labels`, probabilities, 'classifier.probabilities');
  const index = (value: number | null, at: string): Problem | null =>
    value === null || value < count ? null : problem(`below ${count}, the number of classes`, value, at);
  return index(predicted.index, 'classifier.predicted.index') ?? index(target.index, 'target.index');
};

const layers: Rule = ({ layers, methods }) => {
  const names = new Set<string>();
  return first(layers, (layer, i) => {
    if (names.has(layer.name))
      return problem('a name that no other layer has', layer.name, `layers[${i}].name`);
    names.add(layer.name);
    const used = layer.heatmaps.map(({ method }) => method);
    const strange = used.findIndex((method, j) => !methods.includes(method) || used.indexOf(method) !== j);
    if (strange >= 0)
      return problem('one of methods, each once', used[strange], `layers[${i}].heatmaps[${strange}].method`);
    return mapsOf(layer, i);
  });
};

/** The maps' sizes as the layer's shape has them: (N, C, H, W) or (N, C); of other forms, no larger than the activation. */
function mapsOf(layer: LayerReport, index: number): Problem | null {
  const { shape, grid, activation, channelWeights, heatmaps } = layer;
  const size = shape.reduce((product, side) => product * side, 1);
  if (size > REPORT_BOUNDS.activation)
    return {
      at: `layers[${index}].shape`,
      expected: `at most ${REPORT_BOUNDS.activation} values`,
      found: shape.join(' x '),
    };
  if (grid !== undefined && !isGridOf(grid, shape))
    return {
      at: `layers[${index}].grid`,
      expected: `a map within the shape ${shape.join(' x ')}`,
      found: `${grid.skipped} and ${grid.height} x ${grid.width}`,
    };
  const [, second = 0, height = 0, width = 0] = shape;
  const channels = grid === undefined ? second : (shape.at(-1) ?? 0);
  const known = grid !== undefined || shape.length === 4 || shape.length === 2;
  const map =
    grid !== undefined ? [grid.width, grid.height] : shape.length === 4 ? [width, height] : [channels, 1];
  const check = (
    slice: MapSlice,
    [wide = 0, high = 0]: readonly number[],
    name: string,
    heatmap?: number,
  ): Problem | null => {
    const fits = known
      ? slice.width === wide && slice.height === high
      : slice.width * slice.height <= Math.max(size, 1);
    if (fits && Number.isSafeInteger(endOf(slice))) return null;
    const expected = known ? `${wide} x ${high} values` : `at most ${size} values`;
    return {
      at: `layers[${index}].${heatmap === undefined ? name : `heatmaps[${heatmap}].${name}`}`,
      expected: `${expected}, as the shape ${shape.join(' x ')} says`,
      found: `${slice.width} x ${slice.height}`,
    };
  };
  return (
    check(activation.map, map, 'activation.map') ??
    check(channelWeights, [channels, 1], 'channelWeights') ??
    first(heatmaps, (heatmap, i) => check(heatmap.map, map, 'map', i))
  );
}

/** Whether a grid fits channels last, (N, H, W, C), or tokens, (N, T, C), the first of which are skipped. */
const isGridOf = (
  { height, width, skipped }: NonNullable<LayerReport['grid']>,
  shape: readonly number[],
): boolean =>
  shape.length === 4
    ? skipped === 0 && shape[1] === height && shape[2] === width
    : shape.length === 3 && skipped + height * width <= (shape[1] ?? 0);

/** Offset of the byte after a slice's last value. */
export const endOf = ({ offset, width, height }: MapSlice): number => offset + 4 * width * height;

/** Least size of a report's maps file, in bytes. */
export const mapsEnd = ({ layers: rows }: Pick<Report, 'layers'>): number =>
  rows.reduce(
    (end, { activation, channelWeights, heatmaps }) =>
      Math.max(end, endOf(activation.map), endOf(channelWeights), ...heatmaps.map(({ map }) => endOf(map))),
    0,
  );

const rules: readonly Rule[] = [counts, paths, image, edited, classes, layers];

/** What is wrong with a report that has the right form; null if nothing is. */
export function boundsProblem(report: Report): Problem | null {
  for (const rule of rules) {
    const wrong = rule(report);
    if (wrong !== null) return wrong;
  }
  return null;
}
