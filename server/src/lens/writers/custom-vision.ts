/** Azure Custom Vision's exports: `cvexport.manifest`, `labels.txt` and `metadata_properties.json` beside the model, `Image.*` within. */
import type { LensStep } from '../../../../protocol/lens';
import { labelsIn } from '../label-lists';
import { imageMetadata, rangeIn } from './image-metadata';
import { jsonObject, textAt, type Json } from './json';
import type { BesideFile, ReadBeside, Values, Written } from './writer';
import { prepared } from './writer';

const MANIFEST = 'cvexport.manifest';
const PROPERTIES = 'metadata_properties.json';

/** As its own sample (customvision-export-samples, onnx/classification/predict.py): squashed with Pillow's default filter, which is bicubic. */
const SQUASHED: LensStep = { step: 'resize', fit: 'exact', filter: 'bicubic', like: 'pillow' };

export async function fromCustomVision({ metadata }: Written, read: ReadBeside): Promise<Values | null> {
  const manifest = await read(MANIFEST);
  const about = manifest === null ? null : jsonObject(manifest.text);
  const properties = await read(
    about === null ? PROPERTIES : (textAt(about, 'MetadataPropsFileName') ?? PROPERTIES),
  );
  const written = properties === null ? null : jsonObject(properties.text);
  const own = [...metadata.keys(), ...Object.keys(written ?? {})].some((key) =>
    key.startsWith('CustomVision.'),
  );
  if (about === null && !own) return null;
  const labels = await read((about && textAt(about, 'LabelFileName')) ?? 'labels.txt');
  return { ...labelsOf(labels), ...preparation(metadata, written, properties, manifest) };
}

function labelsOf(file: BesideFile | null): Values {
  const found = file === null ? null : labelsIn('labels.txt', file.text);
  return file === null || found === null ? {} : { labels: { value: found.labels, detail: file.place } };
}

function preparation(
  metadata: ReadonlyMap<string, string>,
  written: Json | null,
  properties: BesideFile | null,
  manifest: BesideFile | null,
): Values {
  const texts = Object.entries(written ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  // What the model itself says about its pixels comes before the files beside it.
  const all = new Map([...texts, ...metadata]);
  const image = imageMetadata(all);
  const place = properties?.place ?? manifest?.place ?? "the model's metadata";
  const assumed = image === null ? ['values 0 to 255', 'BGR'] : [];
  const read = image === null ? '' : `, ${image.facts.join(', ')}`;
  return {
    ...(image === null ? {} : rangeIn(image, place)),
    ...prepared(
      [SQUASHED, ...(image?.channels ?? []), ...(image?.range ?? [{ step: 'rescale' }])],
      `${place}: Azure Custom Vision's sample stretches pictures, bicubic${read}`,
      [...otherwise(all), ...assumed, ...(image?.doubts ?? [])],
    ),
  };
}

/** What the properties say of training beyond what the sample does. */
function otherwise(all: ReadonlyMap<string, string>): readonly string[] {
  const entry = (key: string): string => all.get(`CustomVision.Preprocess.${key}`)?.trim() ?? '';
  const [resize, crop] = [entry('ResizeMethod'), entry('CropMethod')];
  const stretched = resize === '' || /^stretch/i.test(resize);
  const [mean, std] = [entry('NormalizeMean'), entry('NormalizeStd')];
  const plain = /^(\[[\s0.,]*\])?$/.test(mean) && /^(\[[\s10.,]*\])?$/.test(std);
  return [
    ...(stretched
      ? []
      : [`resized ${resize}${crop === '' ? '' : ` and cropped ${crop}`}, as its properties say`]),
    ...(plain ? [] : [`with mean ${mean} and deviation ${std}, as its properties say`]),
  ];
}
