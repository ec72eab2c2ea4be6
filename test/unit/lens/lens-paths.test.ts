/** A lens chooses no files but those below its own folder, unless the user trusts it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readLens } from '../../../server/src/lens/lens-file';
import { labelsOfLens } from '../../../server/src/lens/lens-labels';
import { failureWithFix } from '../../support/failure';
import { temporaryFolder } from '../../support/temp';

const outside = temporaryFolder('lens-outside');
const folder = join(temporaryFolder('lens-paths'), 'models');
mkdirSync(join(folder, 'labels'), { recursive: true });
writeFileSync(join(outside, 'secret.txt'), 'key\nother\n');
writeFileSync(join(folder, '..', 'above.txt'), 'above\n');
writeFileSync(join(folder, 'labels', 'mine.txt'), 'real\r\nfake\r\n');
writeFileSync(join(folder, 'large.txt'), 'x\n'.repeat(600_000));
writeFileSync(join(folder, 'none.json'), '{"a": 1}');
symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'));
symlinkSync(outside, join(folder, 'linked'));
if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, 'pipe.txt')]);

async function labels(name: string, trusted: boolean): Promise<readonly string[] | undefined> {
  const path = join(folder, 'mine.lens.json');
  writeFileSync(path, JSON.stringify({ labels: name }));
  return (await labelsOfLens(await readLens(path), { trusted }))?.labels;
}

test('below its folder, with /', async () => {
  for (const trusted of [true, false])
    for (const name of ['labels/mine.txt', './labels/../labels/mine.txt'])
      assert.deepEqual(await labels(name, trusted), ['real', 'fake']);
});

test('names in UTF-8 and UTF-16 are those that were written; of other bytes none are made up', async () => {
  const written = async (bytes: Uint8Array): Promise<readonly string[] | undefined> => {
    writeFileSync(join(folder, 'encoded.txt'), bytes);
    return labels('encoded.txt', false);
  };
  const names = ['café', '猫', '🦩'];
  const text = `\ufeff${names.join('\r\n')}\r\n`;
  const little = Buffer.from(text, 'utf16le');
  for (const bytes of [Buffer.from(text), Buffer.from(text.slice(1)), little, Buffer.from(little).swap16()])
    assert.deepEqual(await written(bytes), names);
  for (const bytes of [Buffer.from('café\nx\n', 'latin1'), little.subarray(2), Buffer.from('a\0\nb\n')])
    await assert.rejects(written(bytes), /mine\.lens\.json:1:11: labels: .*encoded\.txt: .*no text in UTF-8/);
});

/** With what to do about it. */
const refusedWith = async (work: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.match((await failureWithFix(work)).message, message);

describe('refused of a lens that is not trusted, with the place in the lens', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    [join(outside, 'secret.txt'), /expected a path below the lens's own folder, found "/],
    ['../above.txt', /expected a path below the lens's own folder, found "\.\.\/above\.txt"/],
    ['labels/../../above.txt', /expected a path below/],
    ['link.txt', /found a link that leads out of its folder/],
    ['linked/secret.txt', /found a link that leads out of its folder/],
    ['C:/models/labels.txt', /expected a path below the lens's own folder, found "C:/],
    ['//server/share/labels.txt', /expected a path below/],
  ];
  for (const [name, message] of refused)
    test(name, () =>
      refusedWith(labels(name, false), new RegExp(`mine\\.lens\\.json:1:11: labels: .*${message.source}`)),
    );
});

test('read where it is trusted', async () => {
  assert.deepEqual(await labels(join(outside, 'secret.txt'), true), ['key', 'other']);
  assert.deepEqual(await labels('../above.txt', true), ['above']);
  assert.deepEqual(await labels('link.txt', true), ['key', 'other']);
});

describe('refused of any lens', () => {
  for (const trusted of [true, false]) {
    const whose = trusted ? 'trusted' : 'not trusted';
    test(`a backslash, ${whose}`, () =>
      refusedWith(
        labels('labels\\mine.txt', trusted),
        /expected a path with \/, found "labels\\\\mine\.txt"/,
      ));
    test(`a file that is not there, ${whose}`, () =>
      refusedWith(labels('gone.txt', trusted), /found no file there/));
    test(`a large one, ${whose}`, () =>
      refusedWith(labels('large.txt', trusted), /at most 1\.0 MB are read/));
    test(`a folder, ${whose}`, () => refusedWith(labels('labels', trusted), /found a folder/));
    test(`one without names, ${whose}`, () =>
      refusedWith(labels('none.json', trusted), /expected a list of class names/));
    test(`a pipe, ${whose}`, { skip: process.platform === 'win32' }, () =>
      refusedWith(labels('pipe.txt', trusted), /found a named pipe/),
    );
  }
});
