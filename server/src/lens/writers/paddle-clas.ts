/** PaddleClas: `inference.yml` or `inference_cls.yaml` beside the model, with `PreProcess.transform_ops` and `PostProcess`. */
import type { LensStep } from '../../../../protocol/lens';
import { labelsIn } from '../label-lists';
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';
import { isObject, isSide, numbersIn } from './json';
import type { BesideFile, ReadBeside, Values } from './writer';
import { perChannel, prepared } from './writer';
import type { YamlMap, YamlValue } from './yaml';
import { yamlSection } from './yaml';

export const PADDLE_FILES = [
  'inference.yml',
  'inference_cls.yaml',
  'inference_cls.yml',
  'deploy.yaml',
] as const;

/** Null where the file has no transforms of a classifier. */
export async function fromPaddleClas(file: BesideFile, read: ReadBeside): Promise<Values | null> {
  const before = yamlSection(file.text, 'PreProcess');
  const ops = isMap(before) ? before['transform_ops'] : undefined;
  if (!Array.isArray(ops)) return null;
  const doubts: string[] = [];
  const steps = (ops as readonly YamlValue[]).map((op) => stepOf(op, doubts));
  if (!steps.some((list) => list.length > 0)) return null;
  const after = yamlSection(file.text, 'PostProcess');
  return {
    ...prepared(steps.flat(), `PreProcess.transform_ops of ${file.place}`, doubts),
    ...(isMap(after) ? await postProcess(after, file, read) : {}),
  };
}

const textOf = (value: YamlValue | undefined, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

const isMap = (value: YamlValue | undefined): value is YamlMap => isObject(value);

/** One operator and its parameters, as `create_operators` of deploy/python/preprocess.py reads them. */
function stepOf(op: YamlValue, doubts: string[]): readonly LensStep[] {
  const [name, value] = isMap(op) ? (Object.entries(op)[0] ?? ['', null]) : [textOf(op, ''), null];
  const given = isMap(value) ? value : {};
  switch (name) {
    case 'ResizeImage':
      return [resized(given, doubts)];
    case 'CropImage':
      return [{ step: 'crop', ...sizeOf(given['size'] ?? 224), rounding: 'down' }];
    case 'NormalizeImage':
      return normalized(given, doubts);
    case 'DecodeImage':
      return isBgr(given) ? [{ step: 'channels', order: 'BGR' }] : [];
    case 'ToCHWImage':
    case 'KeepKeys':
      return [];
    default:
      doubts.push(`${name} is done too, as the file says: it is not known here`);
      return [];
  }
}

/** PaddleClas has `to_rgb`, PaddleOCR `img_mode`. */
const isBgr = (given: YamlMap): boolean =>
  given['to_rgb'] === false || textOf(given['img_mode'], 'RGB').toUpperCase() === 'BGR';

/** A pair is [width, height] there. */
function sizeOf(value: YamlValue): { readonly size?: LensStep['size'] } {
  if (isSide(value)) return { size: value };
  const [width, height] = numbersIn(value) ?? [];
  return isSide(width) && isSide(height) ? { size: width === height ? width : [height, width] } : {};
}

/** By the names of PaddleClas and PaddleX. */
const OPENCV: Readonly<Record<string, string>> = {
  ...{ nearest: 'nearest', bilinear: 'bilinear', linear: 'bilinear', area: 'area' },
  ...{ bicubic: 'bicubic', lanczos: 'lanczos', lanczos4: 'lanczos' },
};
const PILLOW: Readonly<Record<string, string>> = {
  ...{ nearest: 'nearest', bilinear: 'bilinear', bicubic: 'bicubic', box: 'area' },
  ...{ lanczos: 'lanczos', lanczos4: 'lanczos', hamming: 'hamming' },
};

function resized(given: YamlMap, doubts: string[]): LensStep {
  const pillow = textOf(given['backend'], 'cv2').toLowerCase() === 'pil';
  const asked = textOf(given['interpolation'], 'bilinear').toLowerCase();
  const names = pillow ? PILLOW : OPENCV;
  const filter = Object.hasOwn(names, asked) ? names[asked] : undefined;
  if (filter === undefined)
    doubts.push(`resized with the filter ${asked}, as the file says: it is not known here`);
  const resize = { step: 'resize', filter: filter ?? 'bilinear', like: pillow ? 'pillow' : 'opencv' };
  const shorter = given['resize_short'];
  if (isSide(shorter)) return { ...resize, size: shorter, fit: 'shorter', rounding: 'nearest' };
  return { ...resize, ...sizeOf(given['size'] ?? null), fit: 'exact' };
}

/** (pixels x scale - mean) / std. */
function normalized(given: YamlMap, doubts: string[]): readonly LensStep[] {
  const scale = numberIn(given['scale'] ?? 1 / 255);
  const [mean, std] = [perChannelIn(given['mean']), perChannelIn(given['std'])];
  for (const [key, found] of Object.entries({ scale, mean, std }))
    if (found === null)
      doubts.push(
        `normalized by another ${key}, as the file says: ${JSON.stringify(given[key])} is not known here`,
      );
  return [
    // Ten digits of 1/255 are 1/255 to float32.
    { step: 'rescale', ...(scale === null || Math.abs(scale * 255 - 1) < 1e-6 ? {} : { factor: scale }) },
    { step: 'normalize', mean: perChannel(mean ?? IMAGENET_MEAN), std: perChannel(std ?? IMAGENET_STD) },
  ];
}

/** Left out it is ImageNet's; PaddleX takes one number too. */
function perChannelIn(value: YamlValue | undefined): readonly number[] | null | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? [value] : numbersIn(value);
}

/** Python evaluates it: `1.0/255.0`, `1./255.`, `0.00392157`. */
function numberIn(value: YamlValue): number | null {
  if (typeof value === 'number') return value;
  const [, above, below = '1'] = /^\s*([\d.e+-]+)\s*(?:\/\s*([\d.]+)\s*)?$/i.exec(textOf(value, '')) ?? [];
  const ratio = above === undefined ? NaN : Number(above) / Number(below);
  return Number.isFinite(ratio) && ratio !== 0 ? ratio : null;
}

async function postProcess(after: YamlMap, file: BesideFile, read: ReadBeside): Promise<Values> {
  const { Topk: top, ThreshOutput: one, MultiLabelThreshOutput: several } = after;
  if (isMap(one)) return { ...ofThreshold(one['threshold'], 'ThreshOutput', file), ...ofPair(one, file) };
  if (isMap(several))
    return {
      'output.activation': {
        value: 'sigmoid',
        detail: `PostProcess.MultiLabelThreshOutput of ${file.place}`,
      },
      ...ofThreshold(several['threshold'], 'MultiLabelThreshOutput', file),
      ...(await ofMap(several['class_id_map_file'], read)),
    };
  if (!isMap(top)) return {};
  const list = top['label_list'];
  if (Array.isArray(list) && list.length > 0)
    return { labels: { value: list.map(String), detail: `PostProcess.Topk.label_list of ${file.place}` } };
  return ofMap(top['class_id_map_file'], read);
}

function ofThreshold(value: YamlValue | undefined, key: string, { place }: BesideFile): Values {
  if (typeof value !== 'number' || !(value > 0 && value < 1)) return {};
  return { 'output.threshold': { value, detail: `PostProcess.${key}.threshold of ${place}` } };
}

/** Two classes, the second of which is meant: `label_0: nobody`, `label_1: someone`. */
function ofPair({ label_0: first, label_1: second }: YamlMap, { place }: BesideFile): Values {
  if (typeof first !== 'string' || typeof second !== 'string') return {};
  return { labels: { value: [first, second], detail: `PostProcess.ThreshOutput of ${place}` } };
}

/** Its path is one of the training's machine: the file is looked for beside the model. Lines are `0 tench, Tinca tinca`. */
async function ofMap(path: YamlValue | undefined, read: ReadBeside): Promise<Values> {
  const name = typeof path === 'string' ? (path.split(/[/\\]/).at(-1) ?? '') : '';
  const file = name === '' ? null : await read(name);
  const found = file === null ? null : labelsIn('labels.txt', file.text);
  return file === null || found === null ? {} : { labels: { value: found.labels, detail: file.place } };
}
