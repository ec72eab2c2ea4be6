/** No network is given another's labels and preprocessing without a word; each value says who said it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { LensKey, LensValueReport } from '../../../protocol/lens';
import type { FittedLens, LensTrust } from '../../../server/src/pipeline/choose-lens';
import { chooseLens } from '../../../server/src/pipeline/choose-lens';
import type { About } from '../../../server/src/pipeline/network/prepare';
import type { Weights } from '../../../server/src/pipeline/network/weights';
import type { StoredModel } from '../../../server/src/store/entry';
import { ModelStore } from '../../../server/src/store/store';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('choose-lens');
const store = new ModelStore(join(folder, 'store'));

interface Network {
  readonly architecture: string;
  readonly classes?: number;
  readonly side?: number;
  readonly channels?: 1 | 3;
  readonly fixed?: boolean;
  readonly normalizes?: 'bytes' | 'unit';
  readonly metadata?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly sha256?: string;
  readonly stored?: Partial<NonNullable<Weights['stored']>>;
}

const weightsOf = ({ architecture, classes = 2, path, sha256, stored, metadata }: Network): Weights =>
  ({
    ...{ name: 'mine.pth', untrained: false, path: path ?? null, stored: stored ?? null },
    architecture: () => Promise.resolve(architecture),
    classes: () => Promise.resolve(classes),
    sha256: () => Promise.resolve(sha256 ?? null),
    metadata: () => Promise.resolve(new Map(Object.entries(metadata ?? {}))),
  }) as unknown as Weights;

function aboutOf({
  architecture,
  classes = 2,
  side = 224,
  channels = 3,
  fixed = true,
  normalizes,
  metadata = {},
}: Network): About {
  const input = { name: 'x', layout: 'NCHW', type: 'float32', channels, batch: null };
  const size = fixed ? { height: side, width: side } : { height: null, width: null };
  const normalization =
    normalizes === undefined ? null : { operators: ['Sub', 'Div'], mean: [127], std: [127] };
  const proved = {
    ...{ input: { ...input, ...size }, normalization, range: normalizes ?? null, tensorflow: null },
    output: { name: 'y', classes, others: ['z'], labels: null },
  };
  return {
    ...{ architecture, classes, inputShape: [1, channels, side, side], metadata },
    proved: architecture === 'onnx' ? proved : null,
  } as unknown as About;
}

const nothing = {
  ...{ lens: null, pipeline: null, weights: 'mine.pth', architecture: null, stateDict: null },
  ...{ target: null, activation: null, detector: null, crop: null, methods: null, layers: null },
};

type Wanted = Parameters<typeof chooseLens>[0];

const choose = (network: Network, wanted: Partial<Wanted> = {}, trust?: LensTrust) =>
  chooseLens({ ...nothing, ...wanted }, store, () => Promise.resolve(weightsOf(network)), trust);

async function fitted(
  network: Network,
  wanted: Partial<Wanted> = {},
  trust?: LensTrust,
): Promise<FittedLens> {
  return (await choose(network, wanted, trust)).resolve(aboutOf(network));
}

const value = ({ report }: FittedLens, key: LensKey): LensValueReport | undefined =>
  report.values.find((each) => each.key === key);
const stepsOf = ({ preprocess }: FittedLens): readonly string[] => preprocess.map(({ step }) => step);

const onnx: Network = { architecture: 'onnx', classes: 3, side: 64 };

const written = (name: string, lens: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(lens));
  return path;
};

describe('not asked for', () => {
  test("FSBI's own network goes through FSBI's, and says so", async () => {
    const chosen = await choose({ architecture: 'efficientnet_pytorch/b5' });
    assert.equal(chosen.id, 'fsbi');
    assert.deepEqual(chosen.plan.size, [380, 380]);
    assert.equal(chosen.early.detector, 'auto');
    const lens = await chosen.resolve(aboutOf({ architecture: 'efficientnet_pytorch/b5', side: 380 }));
    assert.deepEqual([lens.report.name, lens.labels, lens.target], ['fsbi', ['real', 'fake'], 'fake']);
    assert.deepEqual(stepsOf(lens), ['resize', 'rescale', 'wavelet', 'channels']);
    assert.equal(value(lens, 'labels')?.origin, 'architecture');
    assert.equal(lens.borrowed, null);
  });

  test('the same network with a thousand classes is not FSBI’s', async () => {
    const lens = await fitted({ architecture: 'efficientnet_pytorch/b5', classes: 1000, side: 456 });
    assert.deepEqual(lens.labels, []);
    assert.ok(!stepsOf(lens).includes('wavelet'));
    assert.equal(lens.detector, 'none');
    assert.equal(value(lens, 'preprocess')?.origin, 'guess');
    assert.match(value(lens, 'preprocess')?.others?.join() ?? '', /advprop/);
  });

  for (const architecture of [
    'torchvision/resnet50',
    'efficientnet_pytorch/b4',
    'timm/efficientnet_b5',
    'onnx',
    'unknown/net',
  ])
    test(`${architecture}: neither labels nor wavelet of FSBI, no face stage, and a guess that names the others`, async () => {
      const lens = await fitted({ architecture, classes: 2 });
      assert.notEqual(lens.report.name, 'fsbi');
      assert.deepEqual(lens.labels, []);
      assert.ok(!stepsOf(lens).includes('wavelet'));
      assert.equal(lens.detector, 'none');
      const steps = value(lens, 'preprocess');
      assert.equal(steps?.origin, 'guess');
      assert.ok((steps.others?.length ?? 0) > 0);
    });

  test("torchvision's weights by their checksum: the preset of that version, no guess", async () => {
    const v2 = await fitted({
      architecture: 'torchvision/resnet50',
      classes: 1000,
      sha256: `11ad3fa6${'0'.repeat(56)}`,
    });
    assert.deepEqual(value(v2, 'preprocess')?.value, [
      { step: 'resize', size: 232, fit: 'shorter', filter: 'bilinear', like: 'pillow' },
      { step: 'crop', size: 224, at: 'center' },
      { step: 'rescale' },
      { step: 'normalize', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ]);
    assert.equal(value(v2, 'preprocess')?.origin, 'architecture');
    assert.match(value(v2, 'preprocess')?.detail ?? '', /IMAGENET1K_V2, by the file's checksum/);
    const v1 = await fitted({
      architecture: 'torchvision/resnet50',
      classes: 1000,
      sha256: `0676ba61${'0'.repeat(56)}`,
    });
    assert.equal(v1.preprocess[0]?.step === 'resize' && v1.preprocess[0].size, 256);
    const either = await fitted({
      architecture: 'torchvision/resnet50',
      classes: 1000,
      sha256: 'f'.repeat(64),
    });
    assert.equal(value(either, 'preprocess')?.origin, 'guess');
    assert.match(value(either, 'preprocess')?.others?.join() ?? '', /IMAGENET1K_V2: 224 of 232/);
  });

  test('what the graph proves: gray, and values that it normalizes itself', async () => {
    const gray = await fitted({ ...onnx, channels: 1, side: 28 });
    assert.deepEqual(stepsOf(gray).toSorted(), ['channels', 'rescale', 'resize']);
    const bytes = await fitted({ ...onnx, normalizes: 'bytes' });
    assert.deepEqual(stepsOf(bytes), ['resize']);
    assert.deepEqual(bytes.range, [0, 255]);
    assert.match(bytes.notes.join(), /normalizes "x" itself/);
    const unit = await fitted({ ...onnx, normalizes: 'unit' });
    assert.deepEqual(stepsOf(unit), ['resize', 'rescale']);
    assert.equal(value(unit, 'input.size')?.origin, 'graph');
  });
});

describe('precedence, value by value', () => {
  const place = join(folder, 'models');
  mkdirSync(place, { recursive: true });
  const path = join(place, 'best.onnx');
  writeFileSync(path, '');
  writeFileSync(join(place, 'labels.txt'), 'file a\nfile b\nfile c\n');
  const metadata = { names: "{0: 'meta a', 1: 'meta b', 2: 'meta c'}" };
  const given = written('given.lens.json', { labels: ['given a', 'given b', 'given c'] });

  test('files beside the model, then metadata over them, then the lens beside, then the one given, then options', async () => {
    const files = await fitted({ ...onnx, path });
    assert.deepEqual([files.labels[0], value(files, 'labels')?.origin], ['file a', 'files']);
    assert.equal(value(files, 'labels')?.detail, join(place, 'labels.txt'));
    const inside = await fitted({ ...onnx, path, metadata });
    assert.deepEqual([inside.labels[0], value(inside, 'labels')?.origin], ['meta a', 'metadata']);
    writeFileSync(
      join(place, 'best.lens.json'),
      '{"labels": ["own a", "own b", "own c"], "target": "own b"}',
    );
    const beside = await fitted({ ...onnx, path, metadata });
    assert.deepEqual(
      [beside.labels[0], value(beside, 'labels')?.origin, beside.report.name],
      ['own a', 'beside', 'best'],
    );
    const named = await fitted({ ...onnx, path, metadata }, { lens: given });
    assert.deepEqual([named.labels[0], value(named, 'labels')?.origin], ['given a', 'lens']);
    assert.deepEqual([named.report.name, named.report.path], ['given', given]);
    assert.equal(value(named, 'labels')?.detail, `${given}:1:11`);
    assert.deepEqual(
      [named.target, value(named, 'target')?.origin],
      ['own b', 'beside'],
      'what it leaves out, the next one says',
    );
    const asked = await fitted(
      { ...onnx, path, metadata },
      { lens: given, target: '2', methods: ['layercam'] },
    );
    assert.deepEqual(
      [asked.target, value(asked, 'target')?.origin, asked.methods],
      ['2', 'option', ['layercam']],
    );
  });

  test('in a folder that is not trusted nothing is read that nobody named, and that is said', async () => {
    const lens = await fitted({ ...onnx, path }, {}, { trusted: false });
    assert.deepEqual(lens.labels, []);
    assert.deepEqual(
      lens.passedOver,
      ['best.lens.json', 'labels.txt'].map((name) => ({ file: join(place, name), why: null })),
    );
  });

  test('the lens of the store; an id that is a lens’s name is that lens', async () => {
    const own = await fitted({
      ...onnx,
      stored: { id: 'x', architecture: 'onnx', lens: '{"labels": ["s", "t", "u"]}' },
    });
    assert.deepEqual([own.labels[0], value(own, 'labels')?.origin], ['s', 'store']);
    const b4 = 'efficientnet_pytorch/b4';
    const sbi = await fitted({ architecture: b4, side: 380, stored: { id: 'sbi', architecture: b4 } });
    assert.deepEqual([sbi.report.name, sbi.crop, sbi.detector], ['sbi', 'sbi', 'auto']);
  });

  test('steps bring their face stage and range with them', async () => {
    const steps = written('steps.lens.json', { preprocess: [{ step: 'resize' }, { step: 'rescale' }] });
    const lens = await fitted({ architecture: 'efficientnet_pytorch/b5', side: 380 }, { lens: steps });
    assert.deepEqual([lens.detector, lens.range], ['none', null]);
    assert.deepEqual(lens.labels, ['real', 'fake'], 'the labels are still FSBI’s');
  });
});

describe('asked for', () => {
  for (const option of ['lens', 'pipeline'] as const) {
    test(`as ${option}: obeyed with another network, with a standing note that names both`, async () => {
      const other: Network = { architecture: 'torchvision/resnet18', side: 380 };
      const sbi = await fitted(other, { [option]: 'sbi' });
      assert.match(
        sbi.borrowed ?? '',
        new RegExp(
          `^The ${option} sbi belongs to efficientnet_pytorch/b4; this network is torchvision/resnet18\\. How .* are the ${option}'s`,
        ),
      );
      assert.equal((await fitted(other, { [option]: 'imagenet' })).borrowed, null);
    });
  }

  const refused: readonly (readonly [string, Network, object, RegExp])[] = [
    [
      'classes',
      onnx,
      { labels: ['a', 'b'] },
      /The lens .*x\.lens\.json names 2 classes \(a, b\); mine\.pth \(onnx\) has 3 classes/,
    ],
    ['size', onnx, { input: { size: 224 } }, /gives 224x224 pixels \(WxH\); mine\.pth \(onnx\) takes 64x64/],
    ['layout', onnx, { input: { layout: 'NHWC' } }, /says the input is NHWC; mine\.pth \(onnx\) takes NCHW/],
    ['type', onnx, { input: { type: 'uint8' } }, /says the input is uint8; mine\.pth \(onnx\) takes float32/],
    [
      'output',
      onnx,
      { output: { name: 'logits' } },
      /reads the output "logits"; mine\.pth \(onnx\) has y, z/,
    ],
  ];
  for (const [what, network, lens, message] of refused)
    test(`a lens whose ${what} the network proves to be otherwise is refused, both named`, async () => {
      const path = written('x.lens.json', lens);
      await assert.rejects(
        fitted(network, { lens: path }),
        (error: Error & { kind?: string; fix?: string }) => {
          assert.equal(error.kind, 'usage');
          assert.match(error.message, message);
          assert.match(error.fix ?? '', /x\.lens\.json:1:\d+/);
          return true;
        },
      );
    });

  test('a pipeline gives the picture at the size of the network, a lens does not', async () => {
    assert.deepEqual((await fitted({ ...onnx, classes: 2 }, { pipeline: 'sbi' })).labels, ['real', 'fake']);
    await assert.rejects(fitted({ ...onnx, classes: 2 }, { lens: 'sbi' }), /gives 380x380 .* takes 64x64/);
  });

  test('a lens that is none, and names that do not exist', async () => {
    await assert.rejects(choose(onnx, { lens: 'imagnet' }), { fix: /Did you mean "imagenet"\?/ });
    await assert.rejects(choose(onnx, { pipeline: 'x' }), { message: 'There is no pipeline "x".' });
    await assert.rejects(
      choose(onnx, { lens: join(folder, 'gone.lens.json') }),
      /expected a lens, found no file there/,
    );
  });

  test('a network that is named without weights is refused where none are in the store', async () => {
    const at = (asked: object) =>
      chooseLens({ ...nothing, weights: null, ...asked }, store, (look) => look());
    for (const [asked, subject] of [
      [{ lens: 'fsbi' }, 'lens fsbi'],
      [{ pipeline: 'sbi' }, 'pipeline sbi'],
      [{ architecture: 'torchvision/resnet18' }, 'architecture torchvision/resnet18'],
    ] as const)
      await assert.rejects(at(asked), {
        message: new RegExp(`^The ${subject} has no weights of its own`),
        code: 'no-weights',
      });
  });

  test('the demo of another architecture is prepared as that is', async () => {
    const options = { ...nothing, weights: 'demo', architecture: 'torchvision/resnet18' };
    const chosen = await chooseLens(options, store, (look) => look());
    assert.equal(chosen.id, 'torchvision');
  });

  test('where nobody says anything, the network that ships, with its own lens', async () => {
    const options = { ...nothing, weights: null };
    const chosen = await chooseLens(options, store, (look) => look());
    assert.deepEqual([chosen.id, chosen.weights.reference], ['mobilenet_v2', 'mobilenet_v2']);
    assert.deepEqual([chosen.plan.size, chosen.weights.untrained], [[224, 224], false]);
    const named = await chooseLens({ ...nothing, weights: null, lens: 'mobilenet_v2' }, store, (look) =>
      look(),
    );
    assert.deepEqual([named.id, named.weights.reference], ['mobilenet_v2', 'mobilenet_v2']);
    const demo = await chooseLens({ ...nothing, weights: 'demo' }, store, (look) => look());
    assert.deepEqual([demo.id, demo.weights.untrained], ['fsbi', true]);
  });

  test('FSBI’s weights, once they are in the store, before the network that ships', async () => {
    const stocked = new ModelStore(join(folder, 'stocked'));
    const fsbi = { id: 'fsbi', task: 'classifier', architecture: 'efficientnet_pytorch/b5', files: [] };
    stocked.find = (id) => Promise.resolve(id === 'fsbi' ? (fsbi as unknown as StoredModel) : null);
    stocked.pathOf = () => join(folder, 'best_model.tar');
    let found = '';
    const chosen = await chooseLens({ ...nothing, weights: null }, stocked, async (look) => {
      found = (await look()).reference;
      return weightsOf({ architecture: 'efficientnet_pytorch/b5', stored: { id: 'fsbi' } });
    });
    assert.deepEqual([found, chosen.id], ['fsbi', 'fsbi']);
  });
});
