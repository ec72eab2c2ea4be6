/** Checks that hold for every report folder, whatever was analyzed. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import Ajv from 'ajv';
import { parseReport } from '../../protocol/read-report';
import type { MapSlice, Report } from '../../protocol/report';
import { decodeImage } from '../../server/src/imaging/decode';
import { root } from './cli';

const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  JSON.parse(readFileSync(join(root, 'protocol', 'report.schema.json'), 'utf8')) as object,
);

/** report.json of a folder, after comparing it with its schema and with what readers take. */
export function readReport(folder: string): Report {
  const text = readFileSync(join(folder, 'report.json'), 'utf8');
  const report = JSON.parse(text) as Report;
  assert.ok(validate(report), JSON.stringify(validate.errors?.slice(0, 3)));
  const read = parseReport(text);
  assert.ok(read.ok, read.ok ? '' : read.fault);
  return report;
}

/** Every file below a folder, with forward slashes, sorted. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

type Picture = readonly [path: string, width: number, height: number];

/** Every picture that a report names, with the size that it must have. */
export function picturesOf({ input, detection, preprocess, layers }: Report): readonly Picture[] {
  const { size } = detection.crop;
  const square = [
    detection.pictures.crop,
    detection.pictures.mask,
    preprocess.wavelet?.pictures.processed,
    ...(preprocess.wavelet?.planes.map(({ picture }) => picture) ?? []),
    ...layers.flatMap(({ activation, heatmaps }) => [
      activation.picture,
      ...heatmaps.map(({ picture }) => picture),
    ]),
  ].filter((path) => typeof path === 'string');
  return [
    [input.pictures.original, input.width, input.height],
    ...(input.pictures.overlay === input.pictures.original
      ? []
      : [[input.pictures.overlay, input.width, input.height] as const]),
    ...square.map((path): Picture => [path, size, size]),
  ];
}

/** Every picture exists and has its size. */
export async function checkPictures(folder: string, report: Report): Promise<void> {
  const pictures = picturesOf(report);
  assert.equal(new Set(pictures.map(([path]) => path)).size, pictures.length, 'a picture is named twice');
  for (const [path, width, height] of pictures) {
    const { image, format } = await decodeImage(join(folder, path));
    assert.deepEqual([path, format, image.width, image.height], [path, 'png', width, height]);
  }
}

/** The slices of all layers tile maps.bin: none overlaps, none is left out, none reaches over the end. */
export function checkSlices(folder: string, report: Report): void {
  const slices = report.layers
    .flatMap(({ activation, channelWeights, heatmaps }): readonly MapSlice[] => [
      activation.map,
      channelWeights,
      ...heatmaps.map(({ map }) => map),
    ])
    .toSorted((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { offset, width, height } of slices) {
    assert.equal(offset, end);
    end += 4 * width * height;
  }
  assert.equal(readFileSync(join(folder, report.mapsFile)).length, end);
}
