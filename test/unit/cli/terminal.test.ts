/** Progress on a terminal and in a log, for one image and for many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { oneLine, printable, printableJson, printableStack } from '../../../server/src/printable';
import { Terminal } from '../../../server/src/cli/terminal';

function stream(isTTY: boolean, columns = 60) {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { written, stream: { isTTY, columns, write } as unknown as NodeJS.WriteStream };
}

test('many images on a terminal: one line that moves, cut to its width, gone before anything that stays', () => {
  const { written, stream: tty } = stream(true);
  const terminal = new Terminal(false, tty);
  terminal.batch(0.5, `3 of 6, 1.40 images/s, 2.1 s left, a\u001b[31m.png: ${'x'.repeat(80)}`);
  terminal.step('3 of 6: a.png');
  terminal.failure('/b.png', new LensError('image', '/b.png: expected a picture', { fix: 'Give one.' }));
  assert.match(written[0] ?? '', /^\r\x1b\[2K█{12}░{12} {2}50% {2}3 of 6, 1\.40 images\/s, .*…$/);
  assert.ok((written[0] ?? '').length - 5 <= 59);
  assert.deepEqual(written.slice(1), [
    '\r\u001b[2K',
    'error: /b.png: expected a picture\n',
    '  Give one.\n',
    '  code: image\n',
  ]);
});

test('many images in a log: a line for each that is done, and no moving line', () => {
  const { written, stream: log } = stream(false);
  const terminal = new Terminal(false, log);
  terminal.batch(0.5, 'moves');
  terminal.step('3 of 6: a\u001b[31m.png');
  terminal.clear();
  assert.deepEqual(written, ['3 of 6: a\\x1b[31m.png\n']);
});

test('one image in a log: a line a step, and one for each stage of loading', () => {
  const { written, stream: log } = stream(false);
  const terminal = new Terminal(false, log);
  for (const [step, message] of [
    ['input', 'reading'],
    ['model', 'one'],
    ['model', 'two'],
    ['model', 'two'],
    ['pictures', 'drawing a'],
    ['pictures', 'drawing b'],
  ] as const)
    terminal.progress('a.png', { step, done: [], fraction: 0, message });
  assert.deepEqual(
    written,
    ['reading', 'one', 'two', 'drawing a'].map((message) => `a.png: ${message}\n`),
  );
});

test('quiet: errors only', () => {
  for (const tty of [true, false]) {
    const { written, stream: to } = stream(tty);
    const terminal = new Terminal(true, to);
    terminal.batch(0.1, 'x');
    terminal.step('x');
    terminal.note('x');
    terminal.failure(null, new LensError('image', 'bad'));
    assert.deepEqual(written, ['error: bad\n', '  code: image\n']);
  }
});

test('names stay within their line, and their text runs as it is read', () => {
  assert.equal(printable('a\nb'), 'a\nb');
  assert.equal(oneLine('a\nb\r\u2028'), 'a\\x0ab\\x0d\\u2028');
  assert.equal(printable('x\u202egnp.exe\u2066'), 'x\\u202egnp.exe\\u2066');
  assert.equal(oneLine('ü 😀 日本 é'), 'ü 😀 日本 é');
});

test('what nobody sees is shown by its number, wherever Unicode has it', () => {
  // Zero width, soft hyphen, fillers, variation selector, language tag, C1 control, half a pair.
  assert.equal(
    oneLine('a\u200bb\u00adc\u3164d\u2800e\ufe0ff\u{e0041}g\u009bh\ud800i'),
    'a\\u200bb\\xadc\\u3164d\u2800e\\ufe0ff\\u{e0041}g\\x9bh\\ud800i',
  );
});

test('JSON for a terminal is the same value', () => {
  const value = { 'a\u009b\n': 'b\u202e\u{e0041}"\\', n: [1, null] };
  const text = printableJson(value);
  assert.match(text, /^[\x20-\x7e]*$/);
  assert.deepEqual(JSON.parse(text), value);
});

test('a message cannot make lines of its own, nor can the one in a stack', () => {
  const { written, stream: to } = stream(false);
  const terminal = new Terminal(true, to);
  const bug = new TypeError('x\nerror: fake');
  terminal.failure('a\nb.png', new LensError('internal', 'x\nerror: fake', { fix: 'do\nthis' }));
  terminal.trace(bug);
  const [first, second, , trace = ''] = written;
  assert.equal(first, 'error: a\\x0ab.png: x\\x0aerror: fake\n');
  assert.equal(second, '  do\\x0athis\n');
  assert.match(trace, /^TypeError: x\\x0aerror: fake\n {4}at /);
  assert.equal(printableStack(bug), trace.trimEnd());
});
