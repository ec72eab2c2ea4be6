/** `inference-lens models show <file>`: what a model file holds, how it would be fed, and its weights row by row. */
import { existsSync } from 'node:fs';
import type {
  ModelFeeding,
  ModelPort,
  ModelStructure,
  WeightPage,
  WeightRow,
} from '../../../protocol/model-structure';
import type { Engine } from '../engine/engine';
import { asLensError } from '../errors';
import type { Out } from './show-model';

/**
 * Ids of the store contain neither dots nor slashes, so a file that does not exist can be reported as missing
 * rather than as an unknown id.
 */
export const isModelFile = (subject: string): boolean =>
  existsSync(subject) || /[\\/]|\.(onnx|pth|pt|ckpt|bin|tar|safetensors)$/i.test(subject);

export async function showFile(
  engine: Engine,
  path: string,
  json: boolean,
  signal: AbortSignal,
  out: Out,
): Promise<void> {
  const structure = await engine.run('modelStructure', { path }, { signal });
  const feeding = await engine.run('modelFeeding', { path }, { signal }).catch((thrown: unknown) => {
    const error = asLensError(thrown);
    if (error.kind === 'cancelled' || error.kind === 'internal') throw error;
    return error.message;
  });
  if (json) out.sayJson({ ...structure, feeding });
  else
    for (const line of [...structureLines(structure), '', ...feedingLines(feeding), '', 'weights'])
      out.say(line);
  for (let from: number | null = 0; from !== null;) {
    const page: WeightPage = await engine.run('modelWeights', { path, from }, { signal });
    for (const row of page.rows)
      if (json) out.sayJson(row);
      else out.say(weightLine(row));
    from = page.next;
  }
}

function structureLines({ path, bytes, format, madeBy, inputs, outputs, ...rest }: ModelStructure): string[] {
  const { parameters, flops, notes, metadata, rows, operators } = rest;
  const modules = rows.filter(({ kind }) => kind === 'module');
  const missing = operators.filter(({ gradient }) => gradient === 'missing');
  return [
    `file       ${path}, ${format}, ${(bytes / 1e6).toFixed(1)} MB`,
    `made by    ${madeBy ?? 'not known'}`,
    ...inputs.map((port) => `input      ${portText(port)}`),
    ...outputs.map((port) => `output     ${portText(port)}`),
    `parameters ${parameters}`,
    `operations ${flops === null ? (operators.length === 0 ? 'a checkpoint holds no graph; below for the network that it is read as' : 'not known') : operations(flops)}`,
    ...notes.map((note) => `note       ${note}`),
    ...metadata.map(({ key, value }) => `metadata   ${key}: ${value}`),
    ...(operators.length === 0
      ? []
      : [`operators  ${operators.map(({ name, count }) => `${count} ${name}`).join(', ')}`]),
    ...missing.map(({ name }) => `no gradient rule: ${name}; layers before it have no heatmaps`),
    '',
    ...modules.map(({ path: name, depth, type, shape, parameters: own, flops: each }) =>
      [
        `${'  '.repeat(depth)}${name === '' ? '(model)' : name}`.padEnd(40),
        (shape?.join('x') ?? '').padEnd(16),
        String(own).padStart(10),
        (each === null ? '' : operations(each)).padStart(14),
        ` ${type}`,
      ]
        .join(' ')
        .trimEnd(),
    ),
  ];
}

/** Two a multiply-add. */
const operations = (flops: number): string =>
  flops >= 1e9 ? `${(flops / 1e9).toFixed(2)} GFLOPs` : `${(flops / 1e6).toFixed(2)} MFLOPs`;

const portText = ({ name, type, shape }: ModelPort): string =>
  `${name}: ${type} ${shape === null ? 'of unknown rank' : `[${shape.join(', ')}]`}`;

function feedingLines(feeding: ModelFeeding | string): string[] {
  if (typeof feeding === 'string') return [`Cannot be analyzed as it is: ${feeding}`];
  return [
    `fed        ${feeding.shape.join(' x ')}`,
    `operations ${feeding.flops === null ? 'not known' : `${operations(feeding.flops)} for one picture`}`,
    ...feeding.lens.values.map(
      ({ key, value, origin, detail }) => `${key.padEnd(18)} ${shortened(value)}  (${origin}: ${detail})`,
    ),
    ...feeding.notes.map((note) => `note       ${note}`),
  ];
}

const MOST_VALUE = 100;
const shortened = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > MOST_VALUE ? `${text.slice(0, MOST_VALUE)}...` : text;
};

function weightLine({ path, mean, std, min, max, nan, inf, skipped }: WeightRow): string {
  const number = (value: number | null): string => (value === null ? '-' : value.toPrecision(4));
  if (skipped !== undefined) return `${path.padEnd(48)} ${skipped}`;
  const bad = nan + inf === 0 ? '' : `  ${nan} NaN, ${inf} infinite`;
  return `${path.padEnd(48)} mean ${number(mean)} std ${number(std)} min ${number(min)} max ${number(max)}${bad}`;
}
