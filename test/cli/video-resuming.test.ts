/** A video that was stopped continues behind its last whole frame, and ends with the files of one that was not. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { sharedFile } from '../support/shared';
import { temporaryFolder } from '../support/temp';
import { LEVELS, TIMES, VideoRuns } from '../support/video-runs';
import { ffmpegMissing, writeFacesVideo, writeGrayVideo, writeMp4 } from '../support/videos';

const folder = temporaryFolder('video-resuming');
const gray = join(folder, 'gray.mkv');
const bench = new Workbench();
after(() => bench.dispose());
const runs = new VideoRuns(folder, bench);
let missing: string | null = null;
before(async () => {
  missing = await ffmpegMissing();
  if (missing === null) writeGrayVideo(gray, LEVELS, TIMES);
});

/** False, and the test skipped aloud, where there is no ffmpeg. */
function isAvailable(context: TestContext): boolean {
  if (missing !== null) context.skip(missing);
  return missing === null;
}

test('behind its last whole frame, whatever was being written', async (context) => {
  if (!isAvailable(context)) return;
  await runs.here(gray, 'gray');
  await runs.here(gray, 'stopped', {}, { stopAfter: 4 });
  appendFileSync(join(folder, 'stopped', '.evaluation.partial', 'rows.jsonl'), '{"index":4,"pa');
  const { code, stderr } = await runs.cli(gray, 'stopped', '--every', '0', '--target', 'green');
  assert.equal(code, 0, stderr);
  // The last frame might have had another face.
  assert.match(stderr, /resuming after the 3 frames that an earlier run evaluated/);
  runs.assertSameFiles('stopped', 'gray');
});

test('of every frame, the number of frames is that of the file', async (context) => {
  if (!isAvailable(context)) return;
  const video = join(folder, 'video.mp4');
  writeMp4(video);
  const totals: number[] = [];
  await runs.here(video, 'counted', {}, { begin: (total) => void totals.push(total) });
  assert.deepEqual([totals, runs.rows('counted').length], [[30], 30]);
});

test('amid the faces of a frame, which are followed as if it had never stopped', async (context) => {
  const portrait = sharedFile(context, 'images/astronaut.png');
  if (portrait === null || !isAvailable(context)) return;
  const faces = join(folder, 'faces.mkv');
  writeFacesVideo(portrait, faces);
  const detector = { detector: 'blazeface' } as const;
  await runs.here(faces, 'faces', detector);
  await runs.here(faces, 'faces-stopped', detector, { stopAfter: 7 }); // after the first face of the sixth frame
  await runs.here(faces, 'faces-stopped', detector);
  runs.assertSameFiles('faces-stopped', 'faces');
});
