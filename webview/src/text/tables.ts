/** Numbers to be pasted elsewhere: a raw map, or the layers' statistics, as CSV or as a Markdown table. */
import type { FaceReport, StepReport } from '../../../protocol/report';
import type { LayerDetails } from '../../../protocol/requests';
import type { FloatMap } from '../picture/floatMap';
import type { Row } from '../state/rows';
import type { ClassRow } from './classes';
import { shape } from './numbers';

export type TableFormat = 'csv' | 'markdown';
export type Table = readonly (readonly string[])[];

/** A float32 in the fewest digits that read back as the same float32; `nan` and `inf` as NumPy reads them. */
export function exact(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return String(Number(value.toPrecision(9)));
}

/** Rows of the map from top to bottom; of a vector one row. */
export const mapTable = ({ width, height, data }: FloatMap): Table =>
  Array.from({ length: height }, (_, y) =>
    Array.from(data.subarray(y * width, (y + 1) * width), (value) => exact(value)),
  );

/** The layers as they stand in the table, with a head. Numbers are those of report.json. */
export function layersTable(rows: readonly Row[]): Table {
  const head = [
    'layer',
    'operator',
    'shape',
    'mean',
    'std',
    'min',
    'max',
    'zeros',
    'method',
    'cam max',
    'negative',
    'health',
  ];
  return [
    head,
    ...rows.map(({ layer, heatmap }) => {
      const { mean, std, min, max, zeros } = layer.activation;
      return [
        ...[layer.name, layer.operator, shape(layer.shape)],
        ...[mean, std, min, max, zeros].map(String),
        ...(heatmap ? [heatmap.method, String(heatmap.cam.max), String(heatmap.negative)] : ['', '', '']),
        layer.health.join(' '),
      ];
    }),
  ];
}

/** Every class, with a head. Numbers are those of report.json. */
export const classesTable = (rows: readonly ClassRow[]): Table => [
  ['class', 'index', 'logit', 'probability'],
  ...rows.map(({ label, index, logit, probability }) => [
    ...[label, String(index)],
    ...[logit, probability].map((value) => (value === null ? '' : String(value))),
  ]),
];

/** What a detector found, the face that was taken first; in pixels of the image. */
export const facesTable = (faces: readonly FaceReport[]): Table => [
  ['face', 'x0', 'y0', 'x1', 'y1', 'score', 'landmarks'],
  ...faces.map(({ box, score, landmarks }, index) => [
    ...[String(index), ...box.map(String), score === null ? '' : String(score)],
    (landmarks ?? []).map(([x, y]) => `${x} ${y}`).join('; '),
  ]),
];

/** Of a step's channels. Numbers are those of report.json. */
export const channelsTable = (channels: StepReport['channels']): Table => [
  ['channel', 'mean', 'std', 'min', 'max'],
  ...channels.map(({ channel, mean, std, min, max }) => [channel, ...[mean, std, min, max].map(String)]),
];

/** Bins of equal width, each with its ends. */
export const histogramTable = ({ min, max, counts }: LayerDetails['histogram']): Table => [
  ['from', 'to', 'count'],
  ...counts.map((count, i) => {
    const at = (edge: number) => String(min + (edge * (max - min)) / counts.length);
    return [at(i), at(i + 1), String(count)];
  }),
];

/** @param headed whether the first row is a head; Markdown has none without */
export function tableText(table: Table, format: TableFormat, headed: boolean): string {
  if (format === 'csv') return `${table.map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`;
  const [first = [], ...rest] = headed ? table : [(table[0] ?? []).map((_, x) => String(x)), ...table];
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(first), `|${first.map(() => '---|').join('')}`, ...rest.map(line)].join('\n')}\n`;
}

/** RFC 4180. A text that a spreadsheet would take for a formula is kept one by an apostrophe. */
function quoted(cell: string): string {
  const text = /^[=+@]|^-(?![\d.]|inf$)/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
