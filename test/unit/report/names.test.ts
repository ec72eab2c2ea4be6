/** Process ids, timestamps, safe names, log lines, and text made harmless for Markdown. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeInline, escapeLineStart, linkTarget } from '../../../server/src/report/escape';
import { ProcessLog } from '../../../server/src/report/log';
import { imageStem, processId, safeName, timestamp } from '../../../server/src/report/process-id';

const at = new Date(2025, 11, 1, 18, 12, 54).getTime();

test('process ids and timestamps have the reference form', () => {
  assert.equal(processId('fsbi', '/app/input/IMG_5549.jpg', at), 'fsbi_inference_IMG_5549_20251201_181254');
  assert.equal(timestamp(at + 285.053), '2025-12-01T18:12:54.285053');
  assert.equal(timestamp(at), '2025-12-01T18:12:54.000000');
  assert.equal(timestamp(at + 999.999), '2025-12-01T18:12:54.999999');
});

test('stems', () => {
  assert.equal(imageStem('/a/b/x.tar.gz'), 'x.tar');
  assert.equal(imageStem('.hidden'), '.hidden');
  assert.equal(imageStem('noext'), 'noext');
});

test('safe names are one harmless path segment', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['IMG_5549', 'IMG_5549'],
    ['Grüße 東京-1.a', 'Grüße_東京-1.a'],
    ['../../etc', '_._etc'],
    ['...', 'unnamed'],
    ['', 'unnamed'],
    ['a/b\\c:d*e?f"g<h>i|j\n\0k', 'a_b_c_d_e_f_g_h_i_j__k'],
    ['x.', 'x'],
    ['\u202eabc', '_abc'],
    ['e\u0301', 'é'],
  ];
  for (const [name, safe] of rows) assert.equal(safeName(name), safe);
  const long = safeName('東'.repeat(300));
  assert.ok(Buffer.byteLength(long) <= 120 && long.length === 40);
  for (let code = 0; code < 0x300; code++) {
    assert.match(safeName(`a${String.fromCharCode(code)}b`), /^[\p{L}\p{M}\p{N}._-]+$/u);
  }
});

test('text is shown as it is, never as markup', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['IMG_5549.jpg', 'IMG_5549.jpg'],
    ['/app/weights/best_model.tar', '/app/weights/best_model.tar'],
    ['__init__', '\\_\\_init\\_\\_'],
    ['a*b`c`[d](e)!', 'a\\*b\\`c\\`\\[d\\](e)\\!'],
    ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
    ['a|b', 'a\\|b'],
    ['C:\\x', 'C:\\\\x'],
    ['$x$ ~~y~~', '\\$x\\$ \\~\\~y\\~\\~'],
    ['https://x www.y a@b', 'https\\://x www\\.y a\\@b'],
    ['a\nb', 'a\uFFFD(U+000A)b'],
    ['\ud800', '\uFFFD'],
  ];
  for (const [raw, escaped] of rows) assert.equal(escapeInline(raw), escaped);
  for (const mark of ['#', '-', '+', '=']) assert.equal(escapeLineStart(`${mark} a`), `\\${mark} a`);
  assert.equal(escapeLineStart('1. a_b'), '1\\. a_b');
  assert.equal(escapeLineStart('conv_stem'), 'conv_stem');
  assert.equal(
    linkTarget('steps/c_layers/bn0/image/activation.png'),
    'steps/c_layers/bn0/image/activation.png',
  );
  assert.equal(linkTarget('a b/(c)/ü'), 'a%20b/%28c%29/%C3%BC');
});

test('log lines are one line each, in order', () => {
  const seen: string[] = [];
  const log = new ProcessLog((line) => seen.push(line));
  log.add('INFO', 'one\r\ntwo', at);
  log.add('WARNING', 'three', at + 1);
  assert.deepEqual(seen, [
    '2025-12-01T18:12:54.000000 INFO one\\x0d\\x0atwo',
    '2025-12-01T18:12:54.001000 WARNING three',
  ]);
  assert.equal(log.text(), seen.map((line) => `${line}\n`).join(''));
});
