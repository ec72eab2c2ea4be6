/** Bad images, folders and moments: each ends in its exit code, with a clear message and nothing half-written. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { runCli, samplePath, testCache } from '../support/cli';
import { sharedFile } from '../support/shared';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('hostile');
const file = (name: string, data: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
};

/** A PNG whose header promises a picture of this size and whose data is a few bytes. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(8 + data.length + 4);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), out.length - 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(data: Uint8Array): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

interface Row {
  readonly name: string;
  readonly path: () => string;
  readonly message: RegExp;
}

const sample = readFileSync(samplePath);
const jpeg = readFileSync(join(__dirname, '..', 'fixtures', 'images', 'rgb-444.jpg'));

const rows: readonly Row[] = [
  { name: 'an empty file', path: () => file('empty.png', ''), message: /empty\.png.*(empty|0 bytes)/is },
  {
    name: 'a truncated JPEG',
    path: () => file('cut.jpg', jpeg.subarray(0, jpeg.length / 2)),
    message: /cut\.jpg/,
  },
  {
    name: 'a JPEG that lacks the end of its pixels',
    path: () => file('short.jpg', jpeg.subarray(0, jpeg.length - 60)),
    message: /short\.jpg/,
  },
  {
    name: 'a truncated PNG',
    path: () => file('cut.png', sample.subarray(0, sample.length / 2)),
    message: /cut\.png/,
  },
  {
    name: 'a 40,000x40,000 header',
    path: () => file('huge.png', pngHeader(40_000, 40_000)),
    message: /huge\.png.*40,?000/s,
  },
  { name: 'text', path: () => file('text.png', 'hello, this is no picture'), message: /text\.png/ },
  {
    name: 'an SVG',
    path: () => file('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    message: /drawing\.svg/,
  },
  {
    name: 'a folder',
    path: () => (mkdirSync(join(folder, 'dir.png')), join(folder, 'dir.png')),
    message: /dir\.png.*(folder|directory)/is,
  },
  { name: 'nothing there', path: () => join(folder, 'missing.png'), message: /missing\.png/ },
  {
    name: 'a name that would steer the terminal',
    path: () => join(folder, 'x\u001b[31m.png'),
    message: /x\\x1b\[31m\.png/,
  },
];

/** What is said of one image: from its `error:` to the next. */
const refusals = (stderr: string): readonly string[] => stderr.split(/^error: /m).slice(1);

async function refused(paths: readonly string[]): Promise<readonly string[]> {
  const output = join(folder, 'out');
  const options = ['--output', output, '--box', '1,1,9,9', '--quiet'];
  const { code, stdout, stderr } = await runCli(['analyze', ...paths, ...options]);
  assert.equal(code, 3, stderr);
  assert.equal(stdout, '');
  assert.deepEqual(existsSync(output) ? readdirSync(output) : [], []);
  return refusals(stderr);
}

describe('images, all in one run: each is refused with its own reason', () => {
  let found: readonly string[];
  before(async () => {
    found = await refused(rows.map(({ path }) => path()));
  });

  test('once', () => assert.equal(found.length, rows.length, found.join('')));

  for (const { name, message } of rows)
    test(name, () => {
      const [refusal, ...more] = found.filter((said) => message.test(said));
      assert.ok(refusal !== undefined, found.join(''));
      assert.deepEqual(more, []);
      assert.match(refusal, /\n {2}\S/, 'says what to do');
    });
});

test('an image alone is refused as one of many', async () => {
  const [refusal, ...more] = await refused([file('alone.png', 'hello, this is no picture')]);
  assert.match(refusal ?? '', /alone\.png[^\n]*text[^\n]*\n {2}\S/);
  assert.deepEqual(more, []);
});

test('image: no permission to read', async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip('needs root to become another user');
    return;
  }
  const path = file('secret.png', sample);
  chmodSync(path, 0o600);
  chmodSync(folder, 0o755);
  const cache = join(folder, 'cache');
  mkdirSync(cache, { mode: 0o777 });
  const { code, stderr } = await runCli(['analyze', path, '--output', join(cache, 'out')], {
    uid: 65534,
    env: { INFERENCE_LENS_CACHE: cache },
  });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /secret\.png.*permission/is);
  return undefined;
});

test('output: a disk that fills up', async (t) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('needs the right to mount a small tmpfs');
    return;
  }
  try {
    const { code, stderr } = await runCli(['analyze', samplePath, '--output', disk]);
    assert.equal(code, 6, stderr);
    assert.match(stderr, /disk.*(space|full|ENOSPC)/is);
    assert.deepEqual(readdirSync(disk), []);
  } finally {
    execFileSync('umount', [disk]);
  }
  return undefined;
});

/** Of which folders are still being made: what came while it was being emptied makes a folder not empty again. */
function remove(path: string): void {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(path, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}

test('output: the folder is deleted while it runs', async () => {
  const output = join(folder, 'deleted');
  let deleted = false;
  const { code, stderr } = await runCli(['analyze', samplePath, '--output', output], {
    onStderr: (text) => {
      if (deleted || !text.includes('Grad-CAM')) return;
      deleted = true;
      remove(output);
    },
  });
  assert.ok(deleted, 'the run said when it computed');
  assert.equal(code, 6, stderr);
  assert.match(stderr, /deleted/);
  assert.equal(existsSync(output), false);
});

test('output: a file stands where the folder should be', async () => {
  const { code, stderr } = await runCli(['analyze', samplePath, '--output', file('file', '')]);
  assert.equal(code, 6, stderr);
});

test('an interrupt leaves nothing behind', async () => {
  const output = join(folder, 'interrupted');
  let interrupted = false;
  const { code, stderr } = await runCli(['analyze', samplePath, '--output', output], {
    onStderr: (text, kill) => {
      if (interrupted || !text.includes('portrait.png')) return;
      interrupted = true;
      kill('SIGINT');
    },
  });
  assert.equal(code, 130, stderr);
  assert.deepEqual(existsSync(output) ? readdirSync(output) : [], []);
});

test('a second interrupt ends it as any program, also while the network runs', async () => {
  let more: NodeJS.Timeout | undefined;
  const { signal, stderr } = await runCli(
    ['analyze', samplePath, '--output', join(folder, 'interrupted-twice')],
    {
      onStderr: (text, kill) => {
        if (more !== undefined || !text.includes('Grad-CAM')) return;
        kill('SIGINT');
        more = setInterval(() => kill('SIGINT'), 5); // two that come before the first is heard are one
      },
    },
  ).finally(() => clearInterval(more));
  assert.equal(signal, 'SIGINT', stderr);
});

for (const name of ['coffee.png', 'chelsea.png']) {
  test(`a photo without a face: ${name}`, async (t) => {
    const path = sharedFile(t, join('images', name));
    if (path === null) return;
    const output = join(folder, `no-face-${name}`);
    const { code, stderr } = await runCli(['analyze', path, '--output', output]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, new RegExp(`${name}.*no(ne| face)`, 'is'));
    assert.match(stderr, /--detector.*--box|--box.*--detector/s);
    assert.match(stderr, /--detector none/);
    assert.deepEqual(existsSync(output) ? readdirSync(output) : [], []);
  });
}

test('the cache of these tests is not the user’s', () => {
  assert.match(testCache, /inference-lens-test-cache/);
});
