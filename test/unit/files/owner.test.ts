/** Whose a file is, whether its owner lives, and what of the dead is removed. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isAbandoned, removeAbandoned } from '../../../server/src/system/abandoned';
import type { Owner } from '../../../files/owner';
import { ownedName, ownerInName, parseOwner, stateOf, thisProcess } from '../../../files/owner';
import { temporaryFolder } from '../../support/temp';

const me = thisProcess();
const DAY_MS = 86_400_000;
const skip = me.started === null ? 'needs /proc, which says when a process started' : false;
const gone: Owner = { ...me, pid: spawnSync(process.execPath, ['-e', '']).pid, started: null };
const reused: Owner = { ...me, started: (me.started ?? 0) + 1 };
const unsure: Owner = { ...me, started: null };
const elsewhere: Owner = { ...gone, host: 'another', started: 5 };

describe('the state of an owner', () => {
  test('dead where its id is free, unknown of another host and of an id without a start time', () => {
    assert.deepEqual([gone, elsewhere, unsure].map(stateOf), ['dead', 'unknown', 'unknown']);
  });

  test(
    'alive only where the start time is the one it names: a later process with its id is not it',
    { skip },
    () => {
      assert.deepEqual([me, reused].map(stateOf), ['alive', 'dead']);
    },
  );

  test('of a process whose name looks like the fields that follow it', { skip }, async () => {
    const script = `process.title = ') S 1 2 (3'; console.log(process.pid); setInterval(() => {}, 1000)`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const owner = { ...me, pid: child.pid ?? 0 };
    try {
      assert.equal(stateOf(owner), 'dead'); // started later than we: a reused id
      assert.equal(stateOf({ ...owner, started: null }), 'unknown');
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('an owner in words', () => {
  test('as text: read again, also without a start time, as older versions wrote it', () => {
    assert.deepEqual(parseOwner(JSON.stringify(me)), me);
    assert.deepEqual(parseOwner(JSON.stringify({ pid: 3, host: 'h' })), { pid: 3, host: 'h', started: null });
    for (const text of ['', '{', 'null', '3', '{"pid":0,"host":"h"}', '{"pid":3}', '{"pid":"3","host":"h"}'])
      assert.equal(parseOwner(text), null, text);
  });

  test('in a name: read again, whatever stands before it', () => {
    for (const owner of [me, gone, { ...me, pid: 1 }])
      for (const start of ['', '.making-abc-', 'x.json.', `${ownedName('', elsewhere)}x-`])
        assert.deepEqual(ownerInName(`${ownedName(start, owner)}x1-y`), owner);
    assert.equal(stateOf(ownerInName(`${ownedName('', elsewhere)}x`)!), 'unknown');
    for (const name of ['.making-abc-Xyz', '.cuda-install-123-abc', 'a.partial', 'p1-s2-h3-'])
      assert.equal(ownerInName(name), null, name);
  });
});

describe('what is abandoned', () => {
  const limits = { ownerlessMs: 1000, unknownMs: 5000 };
  const rows: readonly (readonly [string, Owner | null, number, boolean])[] = [
    ['a dead owner, at once', gone, 0, true],
    ['nobody, young', null, 999, false],
    ['nobody, old', null, 1001, true],
    ['another host, young', elsewhere, 4999, false],
    ['another host, old', elsewhere, 5001, true],
    ['an id in use without a start time, young', unsure, 4999, false],
    ['an id in use without a start time, old', unsure, 5001, true],
  ];
  for (const [name, owner, idleMs, expected] of rows)
    test(name, () => assert.equal(isAbandoned(owner, idleMs, limits), expected));

  test('never what a live process owns; at once what an id had before', { skip }, () => {
    assert.equal(isAbandoned(me, Infinity, limits), false);
    assert.equal(isAbandoned(reused, 0, limits), true);
  });

  test('without a limit for the unknown, theirs stays for ever', () => {
    for (const owner of [elsewhere, unsure])
      assert.equal(isAbandoned(owner, Number.MAX_VALUE, { ownerlessMs: 0 }), false);
  });
});

describe('removing', () => {
  const root = temporaryFolder('abandoned');
  const at = (path: string, daysAgo: number) => {
    const then = new Date(Date.now() - daysAgo * DAY_MS);
    utimesSync(path, then, then);
  };
  const make = (folder: string, name: string, daysAgo = 0): string => {
    const path = join(root, folder, name);
    mkdirSync(join(path, 'deep'), { recursive: true });
    at(path, daysAgo);
    return name;
  };
  const left = (folder: string) => readdirSync(join(root, folder)).sort();
  const limits = { ownerlessMs: DAY_MS, unknownMs: DAY_MS };

  test('by the owner in the name, else by age; only what matches', async () => {
    make('named', `${ownedName('.a-', gone)}x`);
    make('named', `${ownedName('.a-', elsewhere)}old`, 2);
    make('named', '.a-old', 2);
    const kept = [
      make('named', `${ownedName('.b-', gone)}x`),
      make('named', `${ownedName('.a-', elsewhere)}young`),
      make('named', '.a-young'),
      ...(skip === false ? [make('named', `${ownedName('.a-', me)}x`, 400)] : []),
    ];
    await removeAbandoned(join(root, 'named'), { ...limits, matches: (name) => name.startsWith('.a-') });
    assert.deepEqual(left('named'), kept.sort());
  });

  test('by the age of the file that is written', async () => {
    for (const [name, days] of [
      ['fresh', 0],
      ['stale', 2],
    ] as const) {
      make('written', name);
      writeFileSync(join(root, 'written', name, 'partial'), '');
      at(join(root, 'written', name, 'partial'), days);
      at(join(root, 'written', name), 2 - days);
    }
    await removeAbandoned(join(root, 'written'), { writtenFile: 'partial', ownerlessMs: DAY_MS });
    assert.deepEqual(left('written'), ['fresh']);
  });

  test('a folder that is not there is no error', () => removeAbandoned(join(root, 'none'), limits));

  test('a host is this one by its whole name', () =>
    assert.equal(stateOf({ ...gone, host: `${hostname()}x` }), 'unknown'));
});
