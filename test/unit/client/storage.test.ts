/** Reports in the extension's storage: the oldest go first, those in view stay, and nothing outside is ever touched. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ageOf } from '../../../client/src/reports/age';
import { DeletedReports } from '../../../client/src/reports/aside';
import { ReportEntries, type ReportEntry } from '../../../client/src/reports/entries';
import { ShownReports } from '../../../client/src/reports/shown';
import { ReportStorage } from '../../../client/src/reports/storage';
import { supersede } from '../../../client/src/reports/supersede';
import { ownerInName, thisProcess } from '../../../files/owner';
import { temporaryFolder } from '../../support/temp';

const place = temporaryFolder('report-storage');
const root = join(place, 'reports');
const inView = join(place, 'shown');

const panel = () => ({ reveal: () => undefined });

/** This process, and the one that started it, as two windows. */
function windows(): readonly [ShownReports, ShownReports] {
  rmSync(inView, { recursive: true, force: true });
  return [new ShownReports(inView, thisProcess()), windowOf(process.ppid)];
}

/** Another process, of which only the id is known. */
const windowOf = (pid: number): ShownReports =>
  new ShownReports(inView, { ...thisProcess(), pid, started: null });

function made(name: string, bytes: number, age: number): string {
  const report = join(root, name, 'result');
  mkdirSync(join(report, 'steps'), { recursive: true });
  writeFileSync(join(report, 'report.json'), '{}');
  writeFileSync(join(report, 'steps', 'a.png'), Buffer.alloc(bytes - 2));
  const time = new Date(Date.now() - age * 1000);
  utimesSync(join(root, name), time, time);
  return report;
}

test('the oldest go until the others fit; those in view and those that are being written stay', async () => {
  const storage = new ReportStorage(root);
  const [oldest, old, , newest] = [
    made('a', 1000, 400),
    made('b', 1000, 300),
    made('c', 1000, 200),
    made('d', 1000, 100),
  ];
  mkdirSync(join(root, '.e.1.partial'));
  writeFileSync(join(root, '.e.1.partial', 'half'), Buffer.alloc(5000));
  assert.deepEqual(
    (await storage.list()).map(({ folder, bytes }) => [folder, bytes]),
    ['a', 'b', 'c', 'd'].map((name) => [join(root, name), 1000]),
  );
  assert.deepEqual(await storage.keepBelow(4000, []), []);
  const deleted = await storage.keepBelow(2500, [oldest]);
  assert.deepEqual(
    deleted.map(({ folder }) => folder),
    [join(root, 'b'), join(root, 'c')],
  );
  assert.ok(existsSync(oldest) && existsSync(newest) && !existsSync(old));
  assert.ok(existsSync(join(root, '.e.1.partial')));
});

test('what lies elsewhere is never deleted', async () => {
  const storage = new ReportStorage(root);
  const elsewhere = join(root, '..', 'mine', 'result');
  mkdirSync(elsewhere, { recursive: true });
  for (const folder of [elsewhere, root, join(root, 'a', 'b', 'result'), '/']) {
    assert.ok(!storage.holds(folder), folder);
    await assert.rejects(storage.delete(folder), /is not in/);
  }
  assert.ok(existsSync(elsewhere));
  assert.deepEqual(await new ReportStorage(join(root, 'none')).list(), []);
});

test('a report that was changed in place goes only if it is unsaved and in no view', async () => {
  const storage = new ReportStorage(root);
  const [before, now] = [made('before', 1000, 20), made('now', 1000, 10)];
  const saved = join(root, '..', 'saved', 'result');
  mkdirSync(saved, { recursive: true });
  const superseded: unknown[] = [];
  const history = { supersede: (...both: readonly string[]) => void superseded.push(both) };
  const [shown, other] = windows();
  const services = { history, storage, shown };
  shown.show(panel(), now);
  await supersede(services, saved, now);
  await supersede(services, now, now);
  const elsewhere = panel();
  other.show(elsewhere, before);
  await other.everywhere();
  await supersede(services, before, now);
  assert.deepEqual(superseded, []);
  assert.ok(existsSync(saved) && existsSync(before));
  other.hide(elsewhere);
  await other.everywhere();
  await supersede(services, before, now);
  assert.deepEqual(superseded, [[before, now]]);
  assert.ok(!existsSync(before) && existsSync(now));
});

test('what other windows show counts as long as they are there', async () => {
  const [shown, other] = windows();
  const [mine, ended] = [panel(), windowOf(spawnSync(process.execPath, ['-e', '']).pid)];
  shown.show(mine, '/mine');
  other.show(panel(), '/theirs');
  ended.show(panel(), '/gone');
  await Promise.all([other.everywhere(), ended.everywhere()]);
  assert.deepEqual([...(await shown.everywhere())].sort(), ['/mine', '/theirs']);
  assert.equal(shown.viewOf('/mine'), mine);
  assert.equal(shown.viewOf('/theirs'), undefined);
  shown.show(mine, '/next');
  assert.deepEqual([...(await other.everywhere())].sort(), ['/next', '/theirs']);
  const pids = readdirSync(inView).map((name) => ownerInName(name)?.pid);
  assert.deepEqual(pids.sort(), [process.pid, process.ppid].sort());
});

test('what was deleted comes back unless its room was needed; what a window left behind goes', async () => {
  const place = join(root, '..', 'deleted');
  const [deleted, ended] = [
    new DeletedReports(place, thisProcess()),
    new DeletedReports(place, { ...thisProcess(), pid: spawnSync(process.execPath, ['-e', '']).pid }),
  ];
  const whole = (name: string) => dirname(made(name, 1000, 50));
  const [first, second, third, left] = [whole('x1'), whole('x2'), whole('x3'), whole('x4')];
  const { mtimeMs } = statSync(first);
  const asides = [await deleted.take(first), await deleted.copy(second), await deleted.take(third)] as const;
  await ended.take(left);
  assert.ok(!existsSync(first) && existsSync(second) && !existsSync(left));
  await assert.rejects(deleted.putBack(asides[1]), /ENOTEMPTY|EEXIST|EPERM/, 'what is there stays');
  assert.ok(await deleted.putBack(asides[0]));
  assert.equal(statSync(first).mtimeMs, mtimeMs, 'the oldest still go first');
  assert.ok(existsSync(join(first, 'result', 'steps', 'a.png')));
  await deleted.keepBelow(1500);
  assert.equal(await deleted.putBack(asides[1]), false, 'its room was needed');
  await deleted.sweep();
  assert.equal(readdirSync(place).length, 1, 'only what this window keeps is left');
  assert.ok(await deleted.putBack(asides[2]));
  assert.deepEqual(readdirSync(place), []);
});

test('two windows add, rename and remove entries, and neither undoes what the other did', () => {
  const place = join(root, '..', 'history');
  const [one, other] = [new ReportEntries(place), new ReportEntries(place)];
  const entry = (name: string, second: number): ReportEntry => ({
    ...{ folder: `/reports/${name}`, title: name, image: `/${name}`, verdict: 'cat', lens: '', weights: 'w' },
    ...{ untrained: false, time: new Date(second * 1000).toISOString(), thumbnail: 'a.png' },
  });
  const titles = (entries: ReportEntries) => entries.all().map(({ title }) => title);
  assert.deepEqual(one.all(), []);
  one.put([entry('a', 1)]);
  other.put([entry('b', 2)]);
  assert.deepEqual(
    [titles(one), titles(other)],
    [
      ['b', 'a'],
      ['b', 'a'],
    ],
  );
  other.put([{ ...entry('a', 1), title: 'mine' }]);
  one.remove('/reports/b');
  assert.deepEqual([titles(one), titles(other)], [['mine'], ['mine']]);
  writeFileSync(join(place, 'half.json'), '{"folder":');
  writeFileSync(join(place, 'other.json'), '{"folder":1}');
  for (let second = 10; second < 515; second++) one.put([entry(`n${second}`, second)]);
  assert.equal(other.all().length, 500);
  assert.equal(titles(other).at(-1), 'n15', 'the oldest are dropped');
});

test('ages', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');
  const rows = [
    ['2026-01-31T11:59:30Z', 'just now'],
    ['2026-01-31T11:58:00Z', '2 min. ago'],
    ['2026-01-31T11:00:00Z', '1 hr. ago'],
    ['2026-01-28T11:00:00Z', '3 days ago'],
    ['2024-12-31T12:00:00Z', '1 yr. ago'],
  ] as const;
  for (const [time, age] of rows) assert.equal(ageOf(time, now), age);
});
