/** Reports from elsewhere through the built server and its engine: refused by name, never obeyed beyond what they may decide. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import type { Failure, Outcome } from '../../protocol/failure';
import type { Report } from '../../protocol/report';
import type { FilePicture, FinishedReport, QuickVerdict } from '../../protocol/requests';
import { encodeModel } from '../../server/src/onnx/write';
import { sharedFile } from '../support/shared';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { version1 } from '../support/version-1';
import { rawClient, type RawClient } from './raw-client';

const place = temporaryFolder('hostile-reports');
const weights = join(place, 'small.onnx');
const image = join(place, 'small.png');
const settings = { weights, pipeline: 'imagenet', detector: 'none', device: 'cpu' };

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object | undefined ? Mutable<T[K]> : T[K] };

before(async () => {
  writeFileSync(weights, encodeModel(smallClassifier()));
  const raw = { width: 48, height: 48, channels: 3 } as const;
  await sharp(Buffer.alloc(48 * 48 * 3, 90), { raw })
    .png()
    .toFile(image);
});

let asked = 0;

async function begin(options: object = {}): Promise<RawClient> {
  const client = rawClient({ cwd: place });
  const params = {
    processId: process.pid,
    capabilities: {},
    initializationOptions: { ...settings, ...options },
  };
  client.send({ id: 0, method: 'initialize', params });
  await client.next(({ id }) => id === 0);
  return client;
}

async function end(client: RawClient): Promise<void> {
  client.send({ id: 'end', method: 'shutdown' });
  await client.next(({ id }) => id === 'end');
  client.send({ method: 'exit' });
  assert.equal(await client.end(), 0);
  assert.equal(client.stderr(), '');
}

async function ask<T>(client: RawClient, method: string, params: object): Promise<Outcome<T>> {
  const name = `${method} ${++asked}`;
  client.send({ id: name, method, params: { job: name, ...params } });
  const { result, error } = await client.next(({ id }) => id === name);
  assert.equal(error, undefined, JSON.stringify(error));
  return result as Outcome<T>;
}

const analyze = async (client: RawClient): Promise<FinishedReport> => {
  const made = await ask<FinishedReport>(client, 'inferenceLens/analyze', { image, options: {} });
  assert.ok(made.ok, JSON.stringify(made));
  return made.value;
};
const details = (client: RawClient, folder: string, layer = 'conv1') =>
  ask(client, 'inferenceLens/layerDetails', { folder, layer, channels: 4 });
const retarget = (client: RawClient, folder: string) =>
  ask<FinishedReport>(client, 'inferenceLens/retarget', { folder, target: '0', methods: ['gradcam'] });

function failureOf(outcome: Outcome<unknown>): Failure {
  assert.ok(!outcome.ok, 'expected a failure');
  assert.notEqual(outcome.failure.kind, 'internal', outcome.failure.message);
  assert.ok(outcome.failure.fix, outcome.failure.message);
  return outcome.failure;
}

describe('what a report names', { timeout: 120_000 }, () => {
  let client: RawClient;
  let good: FinishedReport;
  before(async () => {
    client = await begin();
    good = await analyze(client);
  });
  after(() => end(client));

  /** A folder with the good report changed, as deep as a real one. */
  function changed(change: (report: Mutable<Report>, folder: string) => unknown): string {
    const folder = join(place, `case${++asked}`, 'result');
    cpSync(good.folder, folder, { recursive: true });
    const file = join(folder, 'report.json');
    const report = JSON.parse(readFileSync(file, 'utf8')) as Mutable<Report>;
    const instead = change(report, folder);
    writeFileSync(file, typeof instead === 'string' ? instead : JSON.stringify(report));
    return folder;
  }

  test('a good report is obeyed, also where it was moved', async () => {
    const folder = changed(() => undefined);
    assert.ok((await details(client, folder)).ok);
    const other = await retarget(client, folder);
    assert.ok(other.ok && other.value.folder.startsWith(place), JSON.stringify(other));
  });

  test('a report of version 1 is analyzed again; what it did not record is said', async () => {
    const folder = changed((report) => {
      // It recorded neither options nor lens nor steps.
      for (const key of ['options', 'lens'] as const) Reflect.deleteProperty(report, key);
      Reflect.deleteProperty(report.preprocess, 'steps');
      return version1(JSON.stringify(report));
    });
    const one = await details(client, folder);
    assert.ok(one.ok, JSON.stringify(one));
    const other = await retarget(client, folder);
    assert.ok(other.ok, JSON.stringify(other));
    assert.equal(other.value.report.version, 2);
    assert.deepEqual(other.value.report.classifier, good.report.classifier);
    const steps = await ask(client, 'inferenceLens/stepPictures', { folder, step: 0 });
    assert.match(failureOf(steps).message, /the report has no step 0, it records none/);
  });

  describe('input by hand', () => {
    const strokes = [{ line: [[10, 12]], radius: 9, fill: { color: [255, 0, 0] } }];
    const quick = (params: object) =>
      ask<QuickVerdict>(client, 'inferenceLens/verdict', { image, ...params });
    const edit = (folder: string, options: object) =>
      ask<FinishedReport>(client, 'inferenceLens/edit', { folder, options });

    test('the verdict at once is that of the report, which says that the picture was edited', async () => {
      const seen = await quick({ folder: good.folder, options: { strokes } });
      const made = await edit(good.folder, { strokes });
      assert.ok(seen.ok && made.ok, JSON.stringify([seen, made]));
      const { classifier, input, warnings, options } = made.value.report;
      assert.ok(Math.abs(Number(seen.value.classifier.confidence) - Number(classifier.confidence)) < 1e-5);
      assert.equal(seen.value.edited?.pixels, input.edited?.pixels);
      assert.notDeepEqual(classifier.logits, good.report.classifier.logits);
      assert.equal(warnings[0]?.code, 'edited-by-hand');
      assert.deepEqual(options?.strokes, strokes);
      const other = await retarget(client, made.value.folder);
      assert.ok(other.ok && other.value.report.input.edited, 'another target is of the edited picture too');
      const back = await edit(made.value.folder, { strokes: null });
      assert.ok(back.ok && back.value.report.input.edited === undefined);
      assert.deepEqual(back.value.report.classifier, good.report.classifier);
    });

    test('a box given and taken away', async () => {
      const made = await edit(good.folder, { box: [4, 4, 30, 30] });
      assert.ok(made.ok, JSON.stringify(made));
      assert.equal(made.value.report.detection.detector, 'box');
      const seen = await quick({ options: { box: [4, 4, 30, 30] } });
      assert.ok(seen.ok);
      assert.deepEqual(seen.value.crop, made.value.report.detection.crop.box);
      const back = await edit(made.value.folder, { box: null });
      assert.ok(back.ok && back.value.report.detection.detector === 'none', 'no face is looked for');
    });

    test('the picture to draw on', async () => {
      const picture = await ask<FilePicture>(client, 'inferenceLens/picture', { image, side: 32 });
      assert.ok(picture.ok);
      assert.deepEqual([picture.value.width, picture.value.height], [48, 48]);
      const gone = await ask(client, 'inferenceLens/picture', { image: join(place, 'gone.png'), side: 32 });
      assert.match(failureOf(gone).message, /gone\.png/);
    });

    test('strokes that are none are refused by name', async () => {
      const wrong = await quick({ options: { strokes: [{ line: [], radius: 1, fill: { blur: 1 } }] } });
      assert.ok(!wrong.ok);
      assert.match(wrong.failure.message, /"strokes" should be a list of 1 to 256 strokes, or null/);
      const spoiled = changed((report) => {
        report.options!.strokes = [{ line: [[1, 2]], radius: -1, fill: { blur: 2 } }];
      });
      assert.match(failureOf(await edit(spoiled, {})).message, /options\.strokes\[0\]\.radius/);
    });
  });

  const both: readonly (readonly [string, (report: Mutable<Report>) => unknown, RegExp])[] = [
    [
      'raw maps elsewhere',
      (report) => (report.mapsFile = '../../../../etc/passwd'),
      /"mapsFile" to be a path below/,
    ],
    [
      'a side of 10^9',
      (report) => (report.detection.crop.size = 1e9),
      /"detection\.crop\.size" to be at most/,
    ],
    [
      'no model',
      (report) => Reflect.deleteProperty(report, 'model'),
      /"model" to be an object; found nothing/,
    ],
    ['100,000 levels', () => '['.repeat(100_000), /nesting of more than 32 levels/],
    ['no JSON', () => '{"version": 1,', /expected JSON/],
    ['an image that is a device', (report) => (report.input.path = '/dev/zero'), /zero/],
    [
      'an image on another machine',
      (report) => (report.input.path = 'C:\\x.png'),
      /C:|no such|no file|absolute/i,
    ],
    ['an image that is gone', (report) => (report.input.path = '/gone.png'), /gone\.png/],
  ];
  const isText = (name: string) => name === '100,000 levels' || name === 'no JSON';
  for (const [name, change, message] of both)
    test(`${name}: neither details nor another target`, async () => {
      const folder = changed((report) => {
        report.input.sha256 = '0'.repeat(64); // or what is kept of the good one would be enough
        const instead = change(report);
        return isText(name) ? instead : undefined;
      });
      assert.match(failureOf(await details(client, folder)).message, message);
      assert.match(failureOf(await retarget(client, folder)).message, message);
    });

  test('weights that are a device, a folder or a pipe', async () => {
    const pipe = join(place, 'weights.onnx');
    spawnSync('mkfifo', [pipe]);
    for (const path of ['/dev/zero', '/etc', pipe]) {
      const folder = changed((report) => {
        report.model.path = path;
        report.model.sha256 = '0'.repeat(64); // or what is kept of the good one would be enough
        if (report.options) report.options.weights = path;
      });
      for (const outcome of [await details(client, folder), await retarget(client, folder)])
        assert.equal(failureOf(outcome).kind, 'model', path);
    }
  });

  test('report.json or maps.bin that is a pipe, a device, or huge', async () => {
    for (const name of ['report.json', 'maps.bin'])
      for (const put of [
        (file: string) => void spawnSync('mkfifo', [file]),
        (file: string) => symlinkSync('/dev/zero', file),
        (file: string) => mkdirSync(file),
      ]) {
        const folder = changed(() => undefined);
        rmSync(join(folder, name));
        put(join(folder, name));
        assert.match(
          failureOf(await details(client, folder)).message,
          new RegExp(`${name}: expected .*found a `),
        );
      }
    const folder = changed(() => undefined);
    truncateSync(join(folder, 'report.json'), 2 ** 36);
    assert.match(failureOf(await details(client, folder)).message, /found 68719 MB; at most 67 MB are read/);
  });

  test('a layer that the network does not have, or not so large', async () => {
    const larger = changed(({ layers: [layer] }) => {
      if (!layer) return;
      layer.shape = [1, 2 ** 20, 1, 1];
      layer.activation.map = { offset: 0, width: 1, height: 1 };
      layer.channelWeights = { offset: 0, width: 2 ** 20, height: 1 };
      for (const heatmap of layer.heatmaps) heatmap.map = layer.activation.map;
    });
    assert.match(
      failureOf(await details(client, larger)).message,
      /a layer "conv1" of 1 x 1048576 x 1 x 1, which the network it names does not have/,
    );
    const side = changed((report) => (report.detection.crop.size = 4096));
    assert.match(
      failureOf(await details(client, side)).message,
      /an input of 4096 x 4096, which the network/,
    );
    const none = failureOf(await details(client, good.folder, 'nothing'));
    assert.match(none.message, /has no layer "nothing"/);
  });

  for (const name of [
    'layerdetails-maps-outside',
    'layerdetails-maps-dev-zero',
    'layerdetails-crop-size-1e9',
    'layers-missing-shape',
    'no-model',
    'panel-blank-input-path-object',
    'host-hang-dev-zero',
  ])
    test(`the case ${name}`, async (t) => {
      const file = sharedFile(t, `cases/reliability/reports/${name}.json`);
      if (file === null) return;
      const folder = join(place, name);
      mkdirSync(folder);
      cpSync(file, join(folder, 'report.json'));
      for (const outcome of [await details(client, folder, 'c1'), await retarget(client, folder)]) {
        const { kind, message } = failureOf(outcome);
        assert.equal(kind, 'usage');
        assert.match(message, /report\.json: expected "[^"]+" to be .*; found /);
      }
    });
});

test('a workspace that is not trusted: only what this server wrote is obeyed, until it is trusted', async () => {
  const elsewhere = join(place, 'brought', 'result');
  const maker = await begin();
  cpSync((await analyze(maker)).folder, elsewhere, { recursive: true });
  await end(maker);

  const client = await begin({ trusted: false });
  try {
    const outcomes = [
      await details(client, elsewhere),
      await retarget(client, elsewhere),
      await ask(client, 'inferenceLens/verdict', { image, folder: elsewhere }),
      await ask(client, 'inferenceLens/edit', { folder: elsewhere, options: {} }),
    ];
    for (const outcome of outcomes) {
      const { message, fix, remedies } = failureOf(outcome);
      assert.ok(message.includes('The workspace is not trusted') && message.includes(image), message);
      assert.ok(message.includes(weights), message);
      assert.match(fix ?? '', /Trust the workspace/);
      assert.deepEqual(remedies, [{ do: 'trust-workspace' }]);
    }
    const { folder } = await analyze(client);
    assert.ok((await details(client, folder)).ok, 'the reader chose image and weights');
    const other = await retarget(client, folder);
    assert.ok(other.ok);
    assert.ok((await retarget(client, other.value.folder)).ok, 'and so with what came of it');
    // The same folder with another report in it is another report.
    writeFileSync(join(folder, 'report.json'), readFileSync(join(elsewhere, 'report.json')));
    assert.match(failureOf(await details(client, folder)).message, /not trusted/);

    client.send({ method: 'inferenceLens/trustGranted', params: null });
    assert.ok((await details(client, elsewhere)).ok);
  } finally {
    await end(client);
  }
});
