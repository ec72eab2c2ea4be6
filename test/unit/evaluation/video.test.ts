/** From the faces of a video's frames to tracks and to one score. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameCount, spacingOf } from '../../../server/src/evaluation/video/video-request';
import { VideoScores } from '../../../server/src/evaluation/video/video-scores';
import { overlap, Tracks } from '../../../server/src/evaluation/video/tracks';
import { timelineChart } from '../../../server/src/evaluation/video/timeline-chart';
import type { Row, TableHead } from '../../../server/src/evaluation/row';
import { failedRow } from '../../../server/src/evaluation/verdict';
import { picturesOf } from '../../../server/src/imaging/video/ppm-stream';

test('overlap is intersection over union', () => {
  assert.equal(overlap([0, 0, 2, 2], [1, 1, 3, 3]), 1 / 7);
  assert.equal(overlap([0, 0, 2, 2], [2, 0, 4, 2]), 0);
  assert.equal(overlap([0, 0, 2, 2], [0, 0, 2, 2]), 1);
});

test('every frame is looked at, and counted as the file counts it; of more than may be, some are spread over the video', () => {
  const facts = (count: number | null, counted = true) =>
    ({ duration: 10, frames: count === null ? null : { count, counted } }) as const;
  const all = { every: 0, most: 1000, aggregate: 'sbi' } as const;
  const of = (request: { every: number; most: number }, known: Parameters<typeof spacingOf>[1]) => {
    const every = spacingOf({ ...all, ...request }, known);
    return [every, frameCount(every, request.most, known)];
  };
  assert.deepEqual(of(all, facts(300)), [0, 300]);
  assert.deepEqual(of(all, facts(1000)), [0, 1000]);
  assert.deepEqual(of(all, facts(3000)), [0.01, 1000]);
  assert.deepEqual(of(all, facts(3000, false)), [0, 1000], 'an estimate leaves no frame out');
  assert.deepEqual(of(all, facts(null)), [0, 1000]);
  assert.deepEqual(of({ ...all, every: 0.5 }, facts(300)), [0.5, 21]);
  assert.deepEqual(of({ every: 0.001, most: 100 }, facts(300)), [0.1, 100]);
  assert.deepEqual(of({ ...all, every: 0.5 }, { duration: null, frames: null }), [0.5, 1000]);
});

test('two faces that cross keep their tracks, one that is lost for three frames too', () => {
  const tracks = new Tracks();
  const at = (x: number): [number, number, number, number] => [x, 0, x + 10, 10];
  assert.deepEqual(tracks.follow([at(0), at(40)]), [1, 2]);
  assert.deepEqual(tracks.follow([at(38), at(2)]), [2, 1], 'whatever their order is');
  for (let frame = 0; frame < 3; frame++) assert.deepEqual(tracks.follow([at(36)]), [2]);
  assert.deepEqual(tracks.follow([at(3), at(34)]), [1, 2]);
  for (let frame = 0; frame < 4; frame++) assert.deepEqual(tracks.follow([]), []);
  assert.deepEqual(tracks.follow([at(3)]), [3], 'another one after four');
});

const head = (aggregate: 'sbi' | 'mean', more: Partial<TableHead> = {}): TableHead =>
  ({
    ...{ classes: ['real', 'fake'], target: 'fake', threshold: 0.5 },
    video: { sha256: '', duration: 4, every: 1, most: 1000, aggregate },
    ...more,
  }) as TableHead;

const row = (index: number, time: number, face: number | null, fake: number | null): Row => {
  const failed = failedRow({ index, path: `f.mp4#t=${time}`, label: null, labelIndex: null }, 'No face');
  const moment = { time, face, box: null };
  return fake === null
    ? { ...failed, moment }
    : { ...failed, moment, error: null, probabilities: [1 - fake, fake] };
};

const rows = [
  row(0, 0, 1, 0.25),
  row(1, 0, 2, 0.75),
  row(2, 1, null, null),
  row(3, 2, 1, 0.5),
  row(4, 3, 1, 0.25),
];

test("SBI's score is the mean over frames of the largest over faces; frames without a face do not count", () => {
  for (const aggregate of ['sbi', 'mean'] as const) {
    const scores = new VideoScores(head(aggregate));
    rows.forEach((each) => {
      scores.add(each);
    });
    const found = scores.found();
    assert.ok(found !== null);
    const { summary } = found;
    assert.deepEqual(summary.scores, { sbi: (0.75 + 0.5 + 0.25) / 3, mean: (0.25 + 0.75 + 0.5 + 0.25) / 4 });
    assert.equal(summary.score, summary.scores[aggregate]);
    assert.deepEqual([summary.frames, summary.without, summary.faces, summary.tracks], [4, 1, 4, 2]);
    assert.deepEqual(
      summary.strongest.map(({ row: at, file }) => [at, file]),
      [
        [1, 'frames/0.png'],
        [3, 'frames/2.png'],
        [0, 'frames/0.png'],
        [4, 'frames/3.png'],
      ],
    );
    const chart = timelineChart(found, 0.5);
    assert.equal(
      chart.match(/<polyline/g)?.length,
      2,
      'a line for the face of three frames, and the threshold',
    );
    assert.equal(chart.match(/<circle/g)?.length, 1, 'a dot for the face of one');
  }
});

test('the score is of the target, else of the second of two classes, else of the largest mean', () => {
  const of = (more: Partial<TableHead>): string | undefined => {
    const scores = new VideoScores(head('sbi', more));
    rows.forEach((each) => {
      scores.add(each);
    });
    return scores.found()?.summary.scored;
  };
  assert.equal(of({ target: 'real' }), 'real');
  assert.equal(of({ target: 'pred' }), 'fake');
  assert.equal(of({ target: 'pred', classes: ['a', 'b', 'c'] }), 'a');
});

test('pictures come out of a pipe whole, however its bytes are cut', async () => {
  const ppm = (width: number, height: number, level: number): Buffer =>
    Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.alloc(width * height * 3, level)]);
  const bytes = Buffer.concat([
    ppm(2, 3, 10),
    ppm(5, 1, 20),
    ppm(1, 1, 80),
    Buffer.from('P6\n9 9\n255\ntorn'),
  ]);
  for (const size of [1, 7, 1000]) {
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += size)
        yield await Promise.resolve(bytes.subarray(at, at + size));
    })();
    const found: unknown[] = [];
    for await (const { width, height, data } of picturesOf(chunks, () => undefined))
      found.push([width, height, [...new Set(data)]]);
    assert.deepEqual(found, [
      [2, 3, [10]],
      [5, 1, [20]],
      [1, 1, [80]],
    ]);
  }
});
