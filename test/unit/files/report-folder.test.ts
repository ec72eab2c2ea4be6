/** Files that a report names: regular ones below its folder, of a known size; whatever else is there is refused at once. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { before, describe, test } from 'node:test';
import { isInside } from '../../../files/inside';
import { fileProblem } from '../../../files/regular-file';
import {
  MOST_MAPS,
  mapsPlace,
  openReport,
  readMapBytes,
  readMapSlices,
  readReportFolder,
} from '../../../files/report-folder';
import type { Outcome } from '../../../protocol/failure';
import { mapsEnd } from '../../../protocol/report-bounds';
import { toJson } from '../../../server/src/report/json';
import { temporaryFolder } from '../../support/temp';
import { referenceRun } from '../report/reference-run';

const folder = temporaryFolder('report-files');
const file = join(folder, 'report.json');
const outside = temporaryFolder('report-outside');

before(() => {
  writeFileSync(file, toJson(referenceRun));
  writeFileSync(join(folder, 'maps.bin'), Buffer.alloc(mapsEnd(referenceRun), 7));
  writeFileSync(join(outside, 'secret'), 'secret');
});

const messageOf = (outcome: Outcome<unknown>): string => {
  assert.ok(!outcome.ok, 'expected a failure');
  assert.equal(outcome.failure.kind, 'usage');
  assert.ok(outcome.failure.fix);
  return outcome.failure.message;
};

const windows = process.platform === 'win32' ? 'needs pipes and links' : false;

/** Whatever is not a regular file of the folder, put at a path. */
const intruders: Readonly<Record<string, readonly [found: RegExp, put: (path: string) => void]>> = {
  'a named pipe': [/found a named pipe/, (path) => void spawnSync('mkfifo', [path])],
  'a link to a device': [
    /found a link that leads out of its folder/,
    (path) => symlinkSync('/dev/zero', path),
  ],
  'a link to a file elsewhere': [
    /found a link that leads out/,
    (path) => symlinkSync(join(outside, 'secret'), path),
  ],
  'a link upwards': [
    /found a link that leads out/,
    (path) => symlinkSync(`${'../'.repeat(30)}etc/passwd`, path),
  ],
  'a link to itself': [/found a link that leads nowhere/, (path) => symlinkSync(path, path)],
  'a folder': [/found a folder/, (path) => mkdirSync(path)],
};

describe('what stands in the place of a file', { skip: windows }, () => {
  for (const [name, [found, put]] of Object.entries(intruders)) {
    test(`report.json is ${name}`, async () => {
      const other = temporaryFolder('intruder');
      put(join(other, 'report.json'));
      const message = messageOf(await readReportFolder(other));
      assert.match(message, found);
      assert.ok(message.startsWith(`${join(other, 'report.json')}: expected a report, found`), message);
    });
    test(`the raw maps are ${name}`, async () => {
      const other = temporaryFolder('intruder');
      put(join(other, 'maps.bin'));
      const place = mapsPlace(other, referenceRun);
      assert.match(messageOf(await readMapSlices(place, [])), found);
      const slice = referenceRun.layers[0]!.channelWeights;
      assert.match(messageOf(await readMapBytes(other, referenceRun, slice)), found);
    });
    test(`a picture is ${name}: the report is not shown`, async () => {
      const other = temporaryFolder('intruder');
      copyFileSync(file, join(other, 'report.json'));
      const { picture } = referenceRun.layers[4]!.activation;
      mkdirSync(join(other, picture, '..'), { recursive: true });
      put(join(other, picture));
      const message = messageOf(await openReport(other));
      assert.match(message, found);
      assert.match(message, /expected "layers\[4\]\.activation\.picture" to name a file of the report/);
    });
  }

  test('a socket', async () => {
    const path = join(folder, 'socket');
    const server = createServer().listen(path);
    await new Promise((listening) => server.once('listening', listening));
    assert.match((await fileProblem(folder, 'socket')) ?? '', /found a socket/);
    await new Promise((closed) => server.close(closed));
  });

  test('a folder on the way that is a link leads out as well', async () => {
    symlinkSync(outside, join(folder, 'steps-elsewhere'));
    assert.match((await fileProblem(folder, 'steps-elsewhere/secret')) ?? '', /leads out/);
    rmSync(join(folder, 'steps-elsewhere'));
  });

  test('a folder on the way to many files is a link: none of them is shown', async () => {
    const other = temporaryFolder('intruder');
    copyFileSync(file, join(other, 'report.json'));
    const { picture } = referenceRun.layers[4]!.activation;
    const [top = ''] = picture.split('/');
    symlinkSync(outside, join(other, top));
    const inside = join(outside, picture.slice(top.length + 1));
    mkdirSync(join(inside, '..'), { recursive: true });
    writeFileSync(inside, '');
    assert.match(messageOf(await openReport(other)), /leads out/);
    // A link that stays below the folder is followed.
    rmSync(join(other, top));
    mkdirSync(join(other, 'real'));
    symlinkSync('real', join(other, top));
    assert.ok((await openReport(other)).ok);
  });

  test('links and the folder itself may be links as long as they stay below it', async () => {
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    symlinkSync('maps.bin', join(folder, 'same.bin'));
    linkSync(join(folder, 'maps.bin'), join(folder, 'hard.bin'));
    for (const name of ['same.bin', 'hard.bin', 'maps.bin', 'missing'])
      assert.equal(await fileProblem(link, name), null, name);
    assert.ok((await openReport(link)).ok, 'pictures that are missing are no reason to refuse it');
    rmSync(link);
  });
});

test('paths that lead out are refused before anything is looked at', async () => {
  for (const name of ['../x', '/etc/passwd', 'a/../../x', 'a\0'])
    assert.match((await fileProblem(folder, name)) ?? '', /leads out of its folder/, name);
});

test('sizes are checked before a byte is read', async () => {
  const other = temporaryFolder('sizes');
  const sparse = (name: string, bytes: number) => {
    writeFileSync(join(other, name), '');
    truncateSync(join(other, name), bytes);
  };
  sparse('report.json', 2 ** 36);
  assert.match(messageOf(await readReportFolder(other)), /found 68719 MB; at most 67 MB are read/);
  sparse('report.json', 2 ** 20);
  assert.match(messageOf(await readReportFolder(other)), /expected JSON/);
  sparse('maps.bin', 2 ** 31);
  const large = { offset: 0, width: MOST_MAPS / 4, height: 2 };
  assert.match(
    messageOf(await readMapSlices(mapsPlace(other, referenceRun), [large])),
    /found 192000000 bytes asked for at once; at most 96 MB/,
  );
  sparse('maps.bin', mapsEnd(referenceRun) - 4);
  assert.match(
    messageOf(await readMapSlices(mapsPlace(other, referenceRun), [])),
    /found \d+ bytes; its layers need \d+/,
  );
  const last = referenceRun.layers.at(-1)!.heatmaps.at(-1)!.map;
  const beyond = { ...last, offset: 2 ** 40 };
  assert.match(messageOf(await readMapBytes(other, referenceRun, beyond)), /its layers need 1099511627\d+/);
});

test('bytes that are no text', async () => {
  const other = temporaryFolder('bytes');
  writeFileSync(join(other, 'report.json'), Buffer.from([0xff, 0xfe, 0x7b]));
  assert.match(
    messageOf(await readReportFolder(other)),
    /report\.json: expected JSON, found bytes that are not UTF-8 text/,
  );
});

test('a page gets the report as it was read: compressed where it is long, brought up to date where it is old', async () => {
  const written = toJson(referenceRun);
  const old = written.replace('"version": 2', '"version": 1').replaceAll('"onCpu"', '"onProcessor"');
  const long = written.replace(/\n$/, '\n'.repeat(300_000));
  for (const [text, gzipped] of [
    [written, false],
    [old, false],
    [long, true],
  ] as const) {
    const other = temporaryFolder('page');
    writeFileSync(join(other, 'report.json'), text);
    const opened = await openReport(other);
    assert.ok(opened.ok);
    const { json, report } = opened.value;
    assert.equal(json.gzipped, gzipped);
    const bytes = Buffer.from(json.json);
    assert.ok(bytes.length < 250_000);
    assert.deepEqual(JSON.parse((gzipped ? gunzipSync(bytes) : bytes).toString('utf8')), report);
  }
});

test('a report and its maps, as they are', async () => {
  const report = await readReportFolder(folder);
  assert.ok(report.ok);
  assert.deepEqual(report.value, JSON.parse(toJson(referenceRun)));
  const slice = referenceRun.layers[0]!.channelWeights;
  const part = await readMapBytes(folder, referenceRun, slice);
  assert.ok(part.ok && part.value.length === 4 * slice.width * slice.height);
  const other = referenceRun.layers[1]!.activation.map;
  const both = await readMapSlices(mapsPlace(folder, referenceRun), [other, slice]);
  assert.ok(both.ok);
  assert.deepEqual(both.value[1], part.value);
  assert.equal(both.value[0]?.length, 4 * other.width * other.height);
});

test('inside is below, by whole names', () => {
  assert.ok(isInside('/a/..b', '/a') && isInside('/a', '/a'));
  assert.ok(!isInside('/ab', '/a') && !isInside('/a/../b', '/a'));
});
