/** `inference-lens models` as built: weights in, looked at, used, checked and out again. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import sharp from 'sharp';
import type { Report } from '../../protocol/report';
import type { ModelSummary } from '../../protocol/requests';
import { intersectionOverUnion } from '../../server/src/detection/nms';
import { writeModel } from '../../server/src/onnx/write';
import { goldenTensor } from '../golden/architectures/golden';
import type { CliOptions, Finished } from '../support/cli';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { readReport } from '../support/report';
import { sharedFile } from '../support/shared';
import type { SmallCheckpoint } from '../support/small-checkpoint';
import { SMALL_ID, smallCheckpoint } from '../support/small-checkpoint';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('models');
const cache = join(folder, 'cache');
const options: CliOptions = { env: { INFERENCE_LENS_CACHE: cache } };
const models = (...args: readonly string[]): Promise<Finished> => residentCli(['models', ...args], options);

async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await models(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

let checkpoint: SmallCheckpoint;
before(() => {
  checkpoint = smallCheckpoint(folder, 'zip.pth');
});

describe('a PyTorch checkpoint', () => {
  const id = 'mine';

  test('import says what it is; again it changes nothing', async () => {
    const first = JSON.parse(await done('import', checkpoint.path, '--as', id, '--json')) as object;
    const again = JSON.parse(await done('import', checkpoint.path, '--as', id, '--json')) as object;
    assert.deepEqual(again, first);
    const text = await done('import', checkpoint.path, '--as', id);
    // 4,013,953 trained values (5,288,548 with 1000 classes, less 995 * 1281), and running statistics beside them.
    assert.match(text, /^mine: efficientnet_pytorch\/b0 \(classifier\), 4\.\d million values, 1\d\.\d MB\n/);
  });

  test('list shows it first among what is installed, with the demo weights and the cards', async () => {
    const all = JSON.parse(await done('list', '--json')) as readonly ModelSummary[];
    const state = (wanted: string) => all.find((model) => model.id === wanted)?.installed;
    assert.deepEqual([state('demo'), state(id), state('fsbi')], [true, true, false]);
    assert.match(await done('list'), /^\* mine +efficientnet_pytorch\/b0/m);
  });

  test('show prints every tensor with its statistics', async () => {
    const name = '_fc.bias';
    const shape = checkpoint.shapes.get(name);
    assert.ok(shape);
    const values = goldenTensor(checkpoint.golden, name, shape);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const text = await done('show', id);
    assert.match(text, /^network +efficientnet_pytorch\/b0 \(classifier\)$/m);
    assert.ok(text.includes(checkpoint.golden.id));
    const line = text.split('\n').find((row) => row.startsWith(`net.${name} `)) ?? '';
    assert.match(line, /float32 +\[5\] +mean /);
    assert.equal(/mean (\S+)/.exec(line)?.[1], mean.toPrecision(4));

    const [head, ...tensors] = (await done('show', id, '--json'))
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as Record<string, unknown>);
    assert.equal((head?.['stored'] as { id: string }).id, id);
    assert.ok(tensors.length > checkpoint.shapes.size, 'running counts are shown too');
    const bias = tensors.find((tensor) => tensor['name'] === `net.${name}`);
    assert.deepEqual(
      [bias?.['dtype'], bias?.['shape'], bias?.['nan'], bias?.['inf']],
      ['float32', shape, 0, 0],
    );
  });

  test('--weights takes the id and the file: the same logits, and nothing untrained', async () => {
    const reports: Report[] = [];
    for (const weights of [id, checkpoint.path]) {
      const { code, stdout, stderr } = await residentCli(
        [
          ...['analyze', samplePath, '--pipeline', 'imagenet', '--weights', weights],
          ...['--output', join(folder, 'reports'), '--json'],
        ],
        options,
      );
      assert.equal(code, 0, stderr);
      const line = JSON.parse(stdout) as { readonly folder: string };
      reports.push(readReport(line.folder));
    }
    const [stored, file] = reports;
    assert.ok(stored && file);
    assert.equal(stored.model.name, id);
    assert.equal(file.model.name, basename(checkpoint.path));
    for (const { model, warnings } of reports) {
      assert.equal(model.architecture, SMALL_ID);
      assert.equal(model.untrained, false);
      assert.ok(!warnings.some(({ code }) => code === 'untrained-weights'));
    }
    assert.equal(stored.model.sha256, file.model.sha256);
    assert.deepEqual(stored.classifier, file.classifier);
    assert.deepEqual(stored.layers, file.layers);
  });

  test('a pipeline takes the weights that carry its name', async () => {
    await done('import', checkpoint.path, '--as', 'imagenet');
    const { code, stdout, stderr } = await residentCli(
      [
        ...['analyze', samplePath, '--pipeline', 'imagenet'],
        ...['--output', join(folder, 'default'), '--json'],
      ],
      options,
    );
    assert.equal(code, 0, stderr);
    const { report } = JSON.parse(stdout) as { readonly report: Report };
    assert.equal(report.model.name, 'imagenet');
    assert.equal(report.model.untrained, false);
    assert.match(await done('remove', 'imagenet'), /^Removed imagenet/);
  });

  test('verify finds a changed byte, and list goes on', async () => {
    assert.match(await done('verify', id), /^mine is intact: sha256 [0-9a-f]{64}\n$/);
    const path = /^path +(.+)$/m.exec(await done('show', id))?.[1] ?? '';
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    const { code, stderr } = await models('verify', id);
    assert.equal(code, 4);
    assert.match(stderr, /expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/);
  });

  test('remove forgets it', async () => {
    assert.match(await done('remove', id), /^Removed mine \(1\d\.\d MB\)\.\n$/);
    const { code, stderr } = await models('verify', id);
    assert.equal(code, 2);
    assert.match(stderr, /no model "mine"/);
    assert.doesNotMatch(await done('list'), /^\* mine/m);
  });
});

test('a damaged record is named by list', async () => {
  const id = 'broken';
  await done('import', checkpoint.path, '--as', id);
  writeFileSync(join(cache, 'store', 'models', `${id}.json`), '{');
  const { code, stdout, stderr } = await models('list');
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /^\* broken/m);
  assert.match(stderr, /broken\.json.*not JSON/);
  await done('remove', id);
});

test('a damaged record of the detector stops what would need it, and says how to go on', async () => {
  const record = join(cache, 'store', 'models', 'retinaface-resnet50.json');
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, '{');
  try {
    const output = ['--output', join(folder, 'no detector')];
    for (const detector of ['auto', 'retinaface']) {
      const { code, stderr } = await residentCli(
        ['analyze', samplePath, samplePath, '--detector', detector, ...output],
        options,
      );
      assert.equal(code, 4, stderr);
      assert.equal(stderr.match(/error:/g)?.length, 1, stderr);
      assert.match(
        stderr,
        /retinaface-resnet50\.json.*not JSON.*\n.*damaged\. BlazeFace finds faces without it\..*models remove retinaface-resnet50 .*models import .*--detector/,
      );
    }
  } finally {
    rmSync(record);
  }
});

test('RetinaFace imports as a detector, takes over, and is not a classifier', async (t) => {
  const path = sharedFile(t, 'models/retinaface_mobilenet0.25_1mb.pth');
  if (path === null) return;
  assert.match(
    await done('import', path, '--as', 'faces'),
    /^faces: retinaface\/mobilenet0\.25\S* \(detector\)/,
  );
  const refused = await residentCli(['analyze', samplePath, '--weights', 'faces'], options);
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /"faces" is a detector, not a classifier/);
  const image = sharedFile(t, 'images/astronaut.png');
  if (image === null) return;
  const two = join(folder, 'two.onnx');
  await writeModel(smallClassifier({ classes: 2 }), two);
  const { code, stdout, stderr } = await residentCli(
    [
      ...['analyze', image, '--pipeline', 'sbi', '--weights', two],
      ...['--output', join(folder, 'faces'), '--json'],
    ],
    options,
  );
  assert.equal(code, 0, stderr);
  const { detection } = (JSON.parse(stdout) as { readonly report: Report }).report;
  assert.equal(detection.detector, 'retinaface-mobilenet0.25');
  assert.equal(detection.faces[0]?.landmarks?.length, 5);
  assert.equal(detection.faces[0].landmarksEstimated, false);
  assert.equal(detection.faces.length, 1);

  // Five times as large her hair, her suit and the flag are faces for this network; told as a warning, on the terminal too.
  const large = join(folder, 'astronaut-5x.png');
  await sharp(image).resize(2560, 2560, { kernel: 'linear' }).png({ compressionLevel: 1 }).toFile(large);
  const common = ['--pipeline', 'sbi', '--weights', two, '--output', join(folder, 'faces')];
  const again = await residentCli(['analyze', large, ...common], options);
  assert.equal(again.code, 0, again.stderr);
  assert.match(
    again.stdout + again.stderr,
    /\d of the \d+ boxes found may not be faces: BlazeFace sees none there/,
  );
  const reports = readdirSync(join(folder, 'faces')).filter((name) => name.includes('astronaut-5x'));
  assert.equal(reports.length, 1);
  const { detection: found, warnings } = readReport(join(folder, 'faces', reports[0]!, 'result'));
  const [first, ...others] = found.faces;
  assert.ok(intersectionOverUnion(first!.box, [865, 340, 1400, 870]) > 0.6, first!.box.join());
  assert.equal(first!.doubt, undefined);
  assert.ok(others.some(({ doubt }) => doubt === 'unseen'));
  assert.ok(warnings.some(({ code }) => code === 'doubtful-face'));

  const sized = await residentCli(['analyze', large, ...common, '--max-size', '640', '--json'], options);
  assert.equal(sized.code, 0, sized.stderr);
  const atSize = (JSON.parse(sized.stdout) as { readonly report: Report }).report;
  assert.equal(atSize.detection.maxSize, 640);
  assert.equal(atSize.detection.faces.length, 1);
  assert.deepEqual(
    atSize.warnings.filter(({ code }) => code === 'doubtful-face'),
    [],
  );
  await done('remove', 'faces');
});

const onnx = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), onnx));

describe('show --passes', () => {
  interface Shown {
    readonly model: string;
    readonly passes: readonly {
      readonly name: string;
      readonly ran: boolean;
      readonly seen: number;
      readonly fired: number;
      readonly left: readonly { readonly why: string; readonly nodes: number }[];
    }[];
  }

  test('says how often each pass fired and why it left the rest', async () => {
    const { model, passes } = JSON.parse(await done('show', '--passes', '--json', onnx)) as Shown;
    assert.equal(model, 'small.onnx');
    const adjoint = passes.find(({ name }) => name === 'stride-one-adjoint');
    assert.deepEqual(
      [adjoint?.seen, adjoint?.fired, adjoint?.left],
      [1, 1, []], // conv1 has stride 2, and nothing is asked of the image before it
    );
    for (const { name, ran, seen, fired, left } of passes) {
      const counted = left.reduce((sum, { nodes }) => sum + nodes, fired);
      assert.equal(counted, seen, `${name}: every node fired or has a reason`);
      if (!ran) assert.equal(seen, 0, name);
    }
  });

  test('of a kind of device that need not be there', async () => {
    interface OfDevice extends Shown {
      readonly run: { readonly nodes: number; readonly operators: readonly { readonly nodes: number }[] };
      readonly forward: { readonly nodes: number };
    }
    const args = ['show', '--passes', '--device', 'cuda', '--json', onnx] as const;
    const { passes, run, forward } = JSON.parse(await done(...args)) as OfDevice;
    const adjoint = passes.find(({ name }) => name === 'stride-one-adjoint');
    assert.deepEqual([adjoint?.ran, adjoint?.fired], [true, 1]);
    const names = passes.map(({ name }) => name);
    assert.ok(names.includes('grouped-swish-gradient') && !names.includes('strided-phases'));
    assert.equal(
      run.operators.reduce((sum, { nodes }) => sum + nodes, 0),
      run.nodes,
    );
    assert.ok(run.nodes > forward.nodes);
  });

  test('prints the same as lines', async () => {
    const text = await done('show', onnx, '--passes');
    assert.match(text, /^small\.onnx: Grad-CAM of \d+ layers, \d+ nodes, channels in .*, for cpu$/m);
    assert.match(text, /^for each picture \d+ of them \(forward pass alone: \d+\), .*\bConv \d+, /m);
    assert.match(text, /^stride-one-adjoint: fired on 1 of 1 node \(ConvTranspose\)$/m);
    assert.match(
      text,
      /^strided-phases: did not fire on 2 nodes \(Conv\)\n +2 left: not depthwise over an image$/m,
    );
    assert.match(text, /^batch-normalization: did not fire, there is no BatchNormalization$/m);
  });
});

const mistakes: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['import'], 2, /expects a command and one file or id/],
  [['import', 'a', 'b'], 2, /expects a command and one file or id/],
  [['frobnicate', 'x'], 2, /expects a command/],
  [['list', '--passes'], 2, /models list takes no --passes.*models show/s],
  [['show', '--device', 'cuda', 'fsbi'], 2, /takes --device only with --passes/],
  [['show', '--passes', '--device', 'auto', 'fsbi'], 2, /--device expects one of cuda, .*; found "auto"/],
  [['show', '--passes', 'nowhere.onnx'], 4, /There is no file .*nowhere\.onnx/],
  [['import', 'nowhere.pth'], 4, /nowhere\.pth/],
  [['import', samplePath], 4, /portrait\.png/],
  [
    ['import', onnx, '--architecture', 'torchvision/resnet18'],
    2,
    /small\.onnx has an architecture of its own; torchvision\/resnet18 was requested.*Leave --architecture out/s,
  ],
  [['import', 'nowhere.onnx', '--architecture', 'torchvision/resnet18'], 4, /nowhere\.onnx/],
  [['download', 'fsbi', '--as', 'mine'], 2, /models download takes no --as\b.*for models import/s],
  [['verify', 'fsbi', '--architecture', 'x'], 2, /models verify takes no --architecture/],
  [['remove', 'fsbi', '--json'], 2, /models remove takes no --json/],
  [['list', '--as', 'x'], 2, /models list takes no --as/],
  [['show', 'absent'], 2, /no model "absent"/],
  [['remove', '../absent'], 2, /no model "\.\.\/absent"/],
  [['download', 'absent'], 2, /no model card "absent".*Cards are fsbi/s],
  [['download', 'fsbi'], 2, /must be downloaded by hand/],
];
for (const [args, code, message] of mistakes)
  test(`models ${args.map((arg) => basename(arg)).join(' ')}: exit code ${code}`, async () => {
    const found = await models(...args);
    assert.equal(found.code, code, found.stderr);
    assert.match(found.stderr, message);
    assert.match(found.stderr, /\n {2}\S/, 'says what to do');
    assert.equal(found.stdout, '');
  });
