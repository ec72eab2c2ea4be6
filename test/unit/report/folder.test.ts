/** The report folder: whole or not at all, never over another, nothing left behind. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import type { ReportPlace, ReportFolder } from '../../../server/src/report/folder';
import { writeReportFolder } from '../../../server/src/report/folder';
import { processId } from '../../../server/src/report/process-id';
import type { Owner } from '../../../files/owner';
import { ownedName, thisProcess } from '../../../files/owner';
import { fromSource } from '../../support/cli';
import { temporaryFolder } from '../../support/temp';

const root = temporaryFolder('report');
const fresh = () => mkdtempSync(join(root, 'out-'));
const startedAt = new Date(2025, 11, 1, 18, 12, 44, 321).getTime();
const place = (output: string, more: Partial<ReportPlace> = {}): ReportPlace => ({
  output,
  pipeline: 'fsbi',
  imagePath: '/in/IMG_5549.jpg',
  startedAt,
  ...more,
});
const id = 'fsbi_inference_IMG_5549_20251201_181244';

/** One file of each kind, as a report has. */
async function writeSome(folder: ReportFolder): Promise<string> {
  await folder.write('report.md', 'text');
  await folder.write('steps/c_layers/bn0/image/activation.png', Uint8Array.of(1, 2, 3));
  folder.log.add('INFO', 'done\nwith it');
  return folder.processId;
}

const isOutputError = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof LensError);
  assert.equal(error.kind, 'output');
  assert.match(error.message, pattern);
  assert.ok(error.fix !== undefined || error.remedies.length > 0);
  return true;
};

test('a report appears under its process id with all its files', async () => {
  const output = join(fresh(), 'deep', 'er');
  const { value, path } = await writeReportFolder(place(output), writeSome);
  assert.equal(value, id);
  assert.equal(path, join(output, id, 'result'));
  assert.deepEqual(readdirSync(output), [id]);
  assert.deepEqual(readdirSync(join(output, id)), ['result']);
  assert.deepEqual(readdirSync(path).sort(), ['process.log', 'report.md', 'steps']);
  assert.deepEqual([...readFileSync(join(path, 'steps/c_layers/bn0/image/activation.png'))], [1, 2, 3]);
  assert.match(
    readFileSync(join(path, 'process.log'), 'utf8'),
    /^\d{4}-\d\d-\d\dT[\d:.]{15} INFO done\\x0awith it\n$/,
  );
});

test('folders that were made beforehand are those that files are written into', async () => {
  const output = fresh();
  const { path } = await writeReportFolder(place(output), async (folder) => {
    folder.prepare(['steps/c_layers/bn0/image/activation.png', 'steps/c_layers/bn0/stats.json']);
    assert.deepEqual(readdirSync(join(folder.path, 'steps', 'c_layers', 'bn0')), ['image']);
    await writeSome(folder);
  });
  assert.equal(readFileSync(join(path, 'steps/c_layers/bn0/image/activation.png')).length, 3);
});

test('what hinders folders made beforehand is said when the file is written', async () => {
  const file = 'steps/c_layers/bn0/image/activation.png';
  const written = writeReportFolder(place(fresh()), async (folder) => {
    await folder.write('steps/c_layers', 'a file');
    folder.prepare([file]);
    await folder.write(file, 'more');
  });
  await assert.rejects(written, isOutputError(/activation\.png/));
});

test('nothing is visible under the final name before the end', async () => {
  const output = fresh();
  await writeReportFolder(place(output), async (folder) => {
    await writeSome(folder);
    assert.ok(existsSync(join(folder.path, 'report.md')));
    assert.ok(!existsSync(join(output, id)));
    assert.equal(folder.finalPath, join(output, id, 'result'));
  });
  assert.ok(existsSync(join(output, id)));
});

test('a process id is never used twice: one after another, and at the same time', async () => {
  const output = fresh();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await writeReportFolder(place(output), writeSome)).value);
  assert.deepEqual(ids, [id, `${id}_2`, `${id}_3`]);
  const together = await Promise.all(
    Array.from({ length: 8 }, () => writeReportFolder(place(output), writeSome)),
  );
  assert.equal(new Set(together.map(({ value }) => value)).size, 8);
  assert.equal(readdirSync(output).length, 11);
});

test('several processes share one output folder', async () => {
  const output = fresh();
  const script = join(root, 'claim.ts');
  const module = join(__dirname, '..', '..', '..', 'server', 'src', 'report', 'folder');
  writeFileSync(
    script,
    `import { writeReportFolder } from ${JSON.stringify(module)};
     async function main() {
       for (let i = 0; i < 5; i++) {
         const place = { output: ${JSON.stringify(output)}, pipeline: 'fsbi', imagePath: 'a.jpg', startedAt: ${startedAt} };
         await writeReportFolder(place, (folder) => folder.write('report.json', folder.processId));
       }
     }
     void main();`,
  );
  const run = () =>
    new Promise<number | null>((resolve) => {
      spawn(process.execPath, [...fromSource, script], { stdio: 'inherit' }).on('close', resolve);
    });
  assert.deepEqual(await Promise.all([run(), run(), run()]), [0, 0, 0]);
  const made = readdirSync(output);
  assert.equal(made.length, 15);
  for (const name of made)
    assert.equal(readFileSync(join(output, name, 'result', 'report.json'), 'utf8'), name);
});

test('an existing folder of that name, even an empty one, is left alone', async () => {
  const output = fresh();
  mkdirSync(join(output, id));
  const { value } = await writeReportFolder(place(output), writeSome);
  assert.equal(value, `${id}_2`);
  assert.deepEqual(readdirSync(join(output, id)), []);
});

describe('a report that fails leaves nothing behind', () => {
  test('an error inside', async () => {
    const parent = fresh();
    const broken = writeReportFolder(place(join(parent, 'a', 'b')), async (folder) => {
      await writeSome(folder);
      throw new Error('broken');
    });
    await assert.rejects(broken, /broken/);
    assert.deepEqual(readdirSync(parent), [], 'the folders made for it are gone too');
  });

  test('cancellation', async () => {
    const output = fresh();
    const controller = new AbortController();
    const cancelled = writeReportFolder(place(output, { signal: controller.signal }), async (folder) => {
      await writeSome(folder);
      controller.abort();
    });
    await assert.rejects(cancelled, { name: 'LensError', kind: 'cancelled' });
    assert.deepEqual(readdirSync(output), []);
  });

  test('the output folder deleted meanwhile', async () => {
    const output = join(fresh(), 'out');
    const orphaned = writeReportFolder(place(output), async (folder) => {
      await writeSome(folder);
      rmSync(output, { recursive: true });
      await folder.write('steps/c_layers/fc/stats.json', '{}');
    });
    await assert.rejects(orphaned, isOutputError(/removed while the report was being written/));
    assert.ok(!existsSync(output), 'it is not made again');
  });

  test('files deleted or cut short meanwhile', async () => {
    const output = fresh();
    const gone = writeReportFolder(place(output), async (folder) => {
      await writeSome(folder);
      rmSync(join(folder.path, 'report.md'));
    });
    await assert.rejects(
      gone,
      isOutputError(/report\.md: expected 4 bytes just written, found that it was removed/),
    );
    const cut = writeReportFolder(place(output), async (folder) => {
      await writeSome(folder);
      writeFileSync(join(folder.path, 'report.md'), 'te');
    });
    await assert.rejects(cut, isOutputError(/found 2 bytes/));
    assert.deepEqual(readdirSync(output), []);
  });

  test('a file where the output folder should be', async () => {
    const output = join(fresh(), 'file');
    writeFileSync(output, 'mine');
    await assert.rejects(
      writeReportFolder(place(output), writeSome),
      isOutputError(/file where a folder should be/),
    );
    await assert.rejects(
      writeReportFolder(place(join(output, 'below')), writeSome),
      isOutputError(/file where a folder should be/),
    );
    assert.equal(readFileSync(output, 'utf8'), 'mine');
  });

  test('a disk that fills up', (t) => {
    const mountPoint = fresh();
    const script = join(root, 'fill.ts');
    const module = join(__dirname, '..', '..', '..', 'server', 'src', 'report', 'folder');
    writeFileSync(
      script,
      `import { readdirSync } from 'node:fs';
       import { writeReportFolder } from ${JSON.stringify(module)};
       const place = { output: ${JSON.stringify(join(mountPoint, 'out'))}, pipeline: 'p', imagePath: 'a', startedAt: 0 };
       writeReportFolder(place, async (folder) => {
         for (let i = 0; i < 100; i++) await folder.write('steps/' + i, new Uint8Array(10000).fill(i));
       }).catch((error) => {
         console.log(JSON.stringify({ ...error, message: error.message, left: readdirSync(${JSON.stringify(mountPoint)}) }));
       });`,
    );
    // A tmpfs of its own in a private mount namespace: nothing to clean up, nothing that other processes see.
    const mount = `mount -t tmpfs -o size=300k lens ${mountPoint}`;
    const namespace = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
    if (spawnSync('unshare', [...namespace, 'sh', '-c', mount]).status !== 0) {
      t.skip('needs a private mount namespace (Linux, unshare), which this machine does not allow');
      return;
    }
    const node = [process.execPath, ...fromSource, script].join(' ');
    const { stdout, stderr } = spawnSync('unshare', [...namespace, 'sh', '-c', `${mount} && ${node}`], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    const found = JSON.parse(stdout) as { kind: string; message: string; fix: string; left: string[] };
    assert.equal(found.kind, 'output');
    assert.match(found.message, /found that the disk is full/);
    assert.match(found.fix, /Free some space/);
    assert.deepEqual(found.left, []);
  });

  test('no permission', (t) => {
    if (process.platform === 'win32' || process.getuid?.() === 0) {
      t.skip('needs a user whom permissions stop (not root)');
      return;
    }
    return assert.rejects(
      writeReportFolder(place('/lens-report'), writeSome),
      isOutputError(/may not write|read-only/),
    );
  });
});

describe('temporary folders of dead processes', () => {
  const partial = (output: string, name: string, owner: Owner | null): string => {
    const start = `.p_inference_${name}_20250101_000000.`;
    const folder = join(output, `${owner === null ? start : ownedName(start, owner)}.partial`);
    mkdirSync(join(folder, 'result'), { recursive: true });
    return folder;
  };

  test('are removed; those of the living, of other machines and of other programs stay', async () => {
    const output = fresh();
    const gone = { ...thisProcess(), pid: spawnSync(process.execPath, ['-e', '']).pid };
    const dead = partial(output, 'dead', gone);
    const old = partial(output, 'old', null);
    utimesSync(old, 0, 0);
    const kept = [
      partial(output, 'alive', thisProcess()),
      partial(output, 'elsewhere', { ...gone, host: 'another' }),
      partial(output, 'new', null),
    ];
    const foreign = join(output, '.other.partial');
    mkdirSync(foreign);
    utimesSync(foreign, 0, 0);
    await writeReportFolder(place(output), writeSome);
    for (const folder of [dead, old]) assert.ok(!existsSync(folder), folder);
    for (const folder of [...kept, foreign]) assert.ok(existsSync(folder), folder);
  });
});

test('the longest names leave room for the owner of a folder that is not finished', async () => {
  const output = fresh();
  const id = `${processId('東'.repeat(90), `${'é'.repeat(120)}.jpg`, Date.now())}_1000`;
  const longest = { pid: 2 ** 22, host: 'h', started: 10 ** 12 };
  const name = `${ownedName(`.${id}.`, longest)}.partial`;
  assert.ok(Buffer.byteLength(name) <= 255 && Buffer.byteLength(name) > 240, String(Buffer.byteLength(name)));
  const long = {
    ...place(output),
    pipeline: 'a-lens-of-mine-'.repeat(9),
    imagePath: `/a/${'x'.repeat(240)}.jpg`,
  };
  const { path } = await writeReportFolder(long, writeSome);
  assert.ok(existsSync(join(path, 'report.md')));
});

test('an unfinished report of another process takes its id, also where only the case differs', async () => {
  const output = fresh();
  const at = place(output);
  const id = processId(at.pipeline, at.imagePath, at.startedAt);
  const other = { ...thisProcess(), pid: process.ppid, host: 'another' };
  mkdirSync(join(output, `${ownedName(`.${id.toUpperCase()}.`, other)}.partial`));
  const { path } = await writeReportFolder(at, writeSome);
  assert.ok(path.endsWith(join(`${id}_2`, 'result')), path);
});

test('files still on their way when a report fails are waited for, later ones refused', async () => {
  const output = fresh();
  let late: Promise<void> | undefined;
  let claimed: ReportFolder | undefined;
  const failed = writeReportFolder(place(output), (folder) => {
    claimed = folder;
    late = folder.write('steps/large', new Uint8Array(20_000_000));
    late.catch(() => undefined);
    return Promise.reject(new Error('broken'));
  });
  await assert.rejects(failed, /broken/);
  await late?.catch(() => undefined);
  assert.deepEqual(readdirSync(output), []);
  await assert.rejects(claimed!.write('more', 'x'), { name: 'LensError' });
  assert.deepEqual(readdirSync(output), []);
});

test('a file is written once', async () => {
  const output = fresh();
  const twice = writeReportFolder(place(output), async (folder) => {
    await folder.write('a', '1');
    await folder.write('a', '2');
  });
  await assert.rejects(twice, isOutputError(/a: /));
  assert.deepEqual(readdirSync(output), []);
});
