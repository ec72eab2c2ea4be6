/** Every set of sources that can have a value, for each value of a lens: the first of them decides, says where it stands, and names the others. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LensKey } from '../../../protocol/lens';
import type { Wanted } from '../../support/lens-choice';
import { fitted, folder, onnx, value, written } from '../../support/lens-choice';

/** In the order in which they are asked. */
const SOURCES = ['option', 'lens', 'beside', 'store', 'metadata', 'files'] as const;
type Source = (typeof SOURCES)[number];

/** What a source says of one value; and, as written in its own form, how. */
interface Statement {
  readonly says: unknown;
  readonly writes: object;
}

const labels = (word: string): readonly string[] => ['a', 'b', 'c'].map((letter) => `${word} ${letter}`);
const lens = (key: string, says: unknown): Statement => ({ says, writes: { [key]: says } });
const nested = (group: string, key: string, says: unknown): Statement => ({
  says,
  writes: { [group]: { [key]: says } },
});
const resized = (size: number): Statement => lens('preprocess', [{ step: 'resize', size }]);
const option = (key: keyof Wanted, says: unknown): Statement => ({ says, writes: { [key]: says } });

const named = labels('meta');
const imgsz = { task: 'classify', names: '{0: "a", 1: "b", 2: "c"}', imgsz: '[80, 80]' };
const timm = { architecture: 'x', pretrained_cfg: { input_size: [3, 96, 96] } };
const multi = {
  'model_info multilabel': 'True',
  'model_info confidence_threshold': '0.7',
  'model_info resize_type': 'none',
};

const TABLE: { readonly [K in LensKey]?: { readonly [S in Source]?: Statement } } = {
  labels: {
    lens: lens('labels', labels('given')),
    beside: lens('labels', labels('own')),
    store: lens('labels', labels('kept')),
    metadata: { says: named, writes: { names: JSON.stringify(named) } },
    files: { says: labels('file'), writes: { 'labels.txt': labels('file').join('\n') } },
  },
  preprocess: {
    lens: resized(64),
    beside: resized(65),
    store: resized(66),
    metadata: {
      says: [{ step: 'resize', filter: 'bilinear', like: 'opencv', fit: 'exact' }],
      writes: { 'model_info resize_type': 'standard', 'model_info reverse_input_channels': 'True' },
    },
    files: {
      says: [
        { step: 'resize', filter: 'bilinear', like: 'pillow', size: 70, fit: 'exact' },
        { step: 'rescale' },
      ],
      writes: {
        'preprocessor_config.json': {
          image_processor_type: 'ViTImageProcessor',
          size: 70,
          do_normalize: false,
        },
      },
    },
  },
  'input.size': {
    lens: { says: [32, 32], writes: { input: { size: 32 } } },
    beside: nested('input', 'size', [48, 40]),
    store: nested('input', 'size', [56, 40]),
    metadata: { says: [80, 80], writes: imgsz },
    files: { says: [96, 96], writes: { 'config.json': timm } },
  },
  'output.activation': {
    option: option('activation', 'none'),
    lens: nested('output', 'activation', 'softmax'),
    beside: nested('output', 'activation', 'auto'),
    store: nested('output', 'activation', 'auto'),
    metadata: { says: 'sigmoid', writes: multi },
    files: { says: 'sigmoid', writes: { 'config.json': { problem_type: 'multi_label_classification' } } },
  },
  'output.threshold': {
    lens: nested('output', 'threshold', 0.2),
    beside: nested('output', 'threshold', 0.3),
    store: nested('output', 'threshold', 0.4),
    metadata: { says: 0.7, writes: multi },
    files: {
      says: 0.8,
      writes: {
        'inference.yml':
          'PreProcess:\n  transform_ops:\n  - ResizeImage:\n      size: 64\nPostProcess:\n  ThreshOutput:\n    threshold: 0.8\n',
      },
    },
  },
  'output.name': {
    lens: nested('output', 'name', 'y'),
    beside: nested('output', 'name', 'z'),
    store: nested('output', 'name', 'z'),
  },
  target: {
    option: option('target', 'o'),
    lens: lens('target', 'l'),
    beside: lens('target', 'b'),
    store: lens('target', 's'),
  },
  methods: {
    option: option('methods', ['layercam']),
    lens: lens('methods', ['hirescam', 'gradcam']),
    beside: lens('methods', ['xgradcam']),
    store: lens('methods', ['elementwise']),
  },
  layers: {
    option: { says: ['o*'], writes: { layers: 'o*' } },
    lens: lens('layers', ['l*']),
    beside: lens('layers', ['b*', 'c']),
    store: lens('layers', ['s*']),
  },
  'detector.use': {
    option: option('detector', 'blazeface'),
    lens: nested('detector', 'use', 'retinaface'),
    beside: nested('detector', 'use', 'none'),
    store: nested('detector', 'use', 'auto'),
  },
};

/** Sets of sources that can be there at once: weights of the store have no files beside them. */
const setsOf = (sources: readonly Source[]): readonly (readonly Source[])[] =>
  Array.from({ length: 1 << sources.length }, (_, bits) =>
    sources.filter((_source, i) => (bits >> i) & 1),
  ).filter(
    (set) => set.length > 0 && !(set.includes('store') && (set.includes('beside') || set.includes('files'))),
  );

const place = join(folder, 'pairs');

async function resolved(key: LensKey, set: readonly Source[]) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const path = join(place, 'best.onnx');
  writeFileSync(path, '');
  const put = (name: string, content: unknown): void => {
    writeFileSync(join(place, name), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const of = (source: Source): object | null =>
    set.includes(source) ? (TABLE[key]?.[source]?.writes ?? null) : null;
  const given = of('lens');
  const beside = of('beside');
  if (beside !== null) put('best.lens.json', beside);
  for (const [name, content] of Object.entries(of('files') ?? {})) put(name, content);
  const kept = of('store');
  const stored =
    kept === null ? {} : { stored: { id: 'kept', architecture: 'onnx', lens: JSON.stringify(kept) } };
  const metadata = (of('metadata') ?? {}) as Readonly<Record<string, string>>;
  return fitted(
    { ...onnx, ...stored, ...(kept === null ? { path } : {}), metadata, fixed: false },
    { ...of('option'), ...(given === null ? {} : { lens: written('pairs.lens.json', given) }) },
  );
}

/** Where each says it. */
const PLACE: Readonly<Record<Source, RegExp>> = {
  option: /^as requested/,
  lens: /pairs\.lens\.json:1:\d+/,
  beside: /best\.lens\.json:1:\d+/,
  store: /the lens of kept in the store:1:\d+/,
  metadata: /the metadata of mine\.pth/,
  files: /pairs[/\\](labels\.txt|preprocessor_config\.json|config\.json|inference\.yml)/,
};

for (const [key, statements] of Object.entries(TABLE) as [
  LensKey,
  Readonly<Partial<Record<Source, Statement>>>,
][])
  test(`${key}: the first of any of its sources decides`, async () => {
    const sources = SOURCES.filter((source) => statements[source] !== undefined);
    for (const set of setsOf(sources)) {
      const [winner, ...others] = set;
      const found = value(await resolved(key, set), key);
      const what = set.join(' before ');
      assert.ok(found !== undefined, what);
      assert.deepEqual(found.value, statements[winner!]?.says, what);
      assert.equal(found.origin, winner, what);
      const [taken = '', ...rest] = found.detail.split('; not taken');
      assert.match(taken, PLACE[winner!], what);
      // An option is what somebody wants now, which contradicts nobody.
      if (winner === 'option' || key === 'detector.use') continue;
      for (const other of others)
        if (JSON.stringify(statements[other]?.says) !== JSON.stringify(found.value))
          assert.ok(
            rest.some((part) => PLACE[other].test(part)),
            `${what}: ${other} is named in ${found.detail}`,
          );
    }
  });
