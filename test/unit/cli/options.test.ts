/** The command line's words: what they become, and what is said of each mistake. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parseAnalyze } from '../../../server/src/cli/options';
import { temporaryFolder } from '../../support/temp';

test('defaults', () => {
  assert.deepEqual(parseAnalyze(['a.png']), {
    images: [resolve('a.png')],
    json: false,
    quiet: false,
    force: false,
    options: {
      pipeline: null,
      weights: null,
      architecture: null,
      stateDict: null,
      target: null,
      lens: null,
      detector: null,
      box: null,
      strokes: null,
      crop: null,
      activation: null,
      layers: null,
      maxSize: null,
      methods: null,
      device: 'auto',
      threads: null,
      memoryLimit: null,
      ffmpeg: null,
      output: resolve('inference-lens-report'),
      pictures: null,
    },
  });
});

test('a file of strokes is read, and refused for what it is', () => {
  const folder = temporaryFolder('strokes-option');
  const parse = (text: string | Buffer | null) => {
    const path = join(folder, 'strokes.json');
    rmSync(path, { force: true });
    if (text !== null) writeFileSync(path, text);
    return parseAnalyze(['a.png', '--strokes', path]).options.strokes;
  };
  const strokes = [{ box: [1, 2, 3, 4], fill: { blur: 3 } }];
  assert.deepEqual(parse(JSON.stringify(strokes)), strokes);
  const refused = (text: string | Buffer | null, pattern: RegExp) => {
    assert.throws(() => parse(text), {
      kind: 'usage',
      message: pattern,
      fix: /^For example: \[\{.*docs\/by-hand\.md/,
    });
  };
  refused(null, /strokes\.json: --strokes expects a JSON file of strokes; found no file there\.$/);
  refused('[', /found no JSON/);
  refused('[]', /it should be a list of 1 to 256 strokes, found an empty list\.$/);
  refused(
    '[{ "line": [[1, 2]], "radius": 3, "fill": {} }]',
    /\[0\]\.fill should be an object with either color or blur/,
  );
  refused(Buffer.alloc(1_000_001, 32), /found 1\.0 MB, and at most 1 MB are read/);
  refused('['.repeat(20), /found nesting of more than 6 levels/);
  assert.throws(() => parseAnalyze(['a.png', '--strokes', folder]), {
    kind: 'usage',
    message: /no regular file/,
  });
});

test('several images, methods and a box', () => {
  const { images, options } = parseAnalyze(
    'a.png b.png --method gradcam++,layercam --method gradcam++ --box 1,2,30.5,40 --threads 2'.split(' '),
  );
  assert.equal(images.length, 2);
  assert.deepEqual(options.methods, ['gradcam++', 'layercam']);
  assert.deepEqual(options.box, [1, 2, 30.5, 40]);
  assert.equal(options.threads, 2);
  assert.equal(parseAnalyze(['a', '--method', 'all']).options.methods?.length, 6);
});

test('a file whose name starts with - goes after --', () => {
  assert.deepEqual(parseAnalyze(['--', '-x.png']).images, [resolve('-x.png')]);
});

const mistakes: readonly (readonly [string, RegExp])[] = [
  ['', /^No image was given\.$/],
  ['a --bogus', /Unknown option '--bogus'/],
  ['a --box -1,0,1,1', /^--box expects a value; found something that starts with -/],
  ['a --box 1,2,3', /--box expects x0,y0,x1,y1 .*; found "1,2,3"/],
  ['a --box 5,5,5,9', /--box expects/],
  ['a --box 1,2,x,4', /--box expects/],
  ['a --box 1,2,Infinity,4', /--box expects/],
  ['a --box 1,,3,4', /--box expects/],
  ['a --threads 0', /--threads expects a whole number from 1 to 512; found "0"/],
  ['a --threads 1e2', /--threads expects/],
  ['a --memory-limit 8', /--memory-limit expects a whole number from 16 to 16000000; found "8"/],
  ['a --max-size 9', /--max-size expects a whole number from 32/],
  ['a --device tpu', /--device expects one of auto, cuda, .*; found "tpu"/],
  ['a --method cam', /--method expects one of gradcam, .*; found "cam"/],
  ['a --detector x', /--detector expects one of auto, retinaface, blazeface, none; found "x"/],
  ['a --crop x', /--crop expects one of square, sbi; found "x"/],
];
for (const [line, message] of mistakes) {
  test(`usage: ${line}`, () => {
    assert.throws(() => parseAnalyze(line.split(' ').filter((word) => word !== '')), {
      kind: 'usage',
      message,
    });
  });
}
