/** Reports in the extension's storage: the oldest go first, those in view stay, and nothing outside is ever touched. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ageOf } from '../../../client/src/reports/age';
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
  const history = { supersede: (...both: readonly string[]) => Promise.resolve(void superseded.push(both)) };
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
