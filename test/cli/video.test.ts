/** `evaluate video.mp4` as a user runs it, with Debian's ffmpeg: frames by their times, what they become together, and videos that are none. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { parseEvaluate } from '../../server/src/cli/evaluate-options';
import { LensError } from '../../server/src/errors';
import type { Summary } from '../../protocol/evaluation';
import { framesOf, type Frame, type Wanted } from '../../server/src/imaging/video/frames';
import { probeVideo } from '../../server/src/imaging/video/probe';
import { findPrograms, type Programs } from '../../server/src/imaging/video/programs';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { runCli } from '../support/cli';
import { failure } from '../support/failure';
import { sharedFile } from '../support/shared';
import { LEVELS, TIMES, VideoRuns } from '../support/video-runs';
import {
  ffmpegMissing,
  turned,
  writeFacesVideo,
  writeFrames,
  writeGrayVideo,
  writeMp4,
} from '../support/videos';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('video');
const gray = join(folder, 'gray.mkv');
const video = join(folder, 'video.mp4');

const bench = new Workbench();
after(() => bench.dispose());
const runs = new VideoRuns(folder, bench);
let missing: string | null = null;
let programs: Programs | null = null;
before(async () => {
  missing = await ffmpegMissing();
  if (missing !== null) return;
  programs = await findPrograms('auto');
  writeGrayVideo(gray, LEVELS, TIMES);
  writeMp4(video);
});

/** Null, and the test skipped aloud, where there is no ffmpeg. */
function available(context: TestContext): Programs | null {
  if (programs === null) context.skip(missing ?? 'no ffmpeg');
  return programs;
}

async function framesIn(
  path: string,
  found: Programs,
  wanted: Partial<Wanted> = {},
): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of framesOf(path, found, { every: 0, most: 1000, ...wanted })) frames.push(frame);
  return frames;
}

describe('frames', () => {
  test('of a variable rate have the times at which they are shown, and their own pixels', async (context) => {
    const found = available(context);
    if (found === null) return;
    const frames = await framesIn(gray, found);
    assert.deepEqual(
      frames.map(({ time }) => Math.round(time * 1000)),
      TIMES,
    );
    assert.deepEqual(
      frames.map(({ image }) => [image.width, image.height, image.data[0], image.data.at(-1)]),
      LEVELS.map((level) => [64, 48, level, level]),
    );
  });

  test('are counted by the file, or by their mean rate where it does not count them', async (context) => {
    const found = available(context);
    if (found === null) return;
    assert.deepEqual((await probeVideo(video, found)).frames, { count: 30, counted: true });
    assert.equal((await probeVideo(gray, found)).frames?.counted, false);
  });

  test('are the first of each part of the time line, without drift', async (context) => {
    const found = available(context);
    if (found === null) return;
    const times = async (wanted: Partial<Wanted>) =>
      (await framesIn(gray, found, wanted)).map(({ time }) => Math.round(time * 1000));
    assert.deepEqual(await times({ every: 0.5 }), [0, 1120, 1500, 2000]);
    assert.deepEqual(await times({ every: 0.1 }), [0, 120, 1120, 1500, 2000]);
    assert.deepEqual(await times({ every: 0, most: 3 }), [0, 40, 80]);
    assert.deepEqual(await times({ every: [0.08, 1.153] }), [80, 1153]);
  });

  test('are turned as a player shows them', async (context) => {
    const found = available(context);
    if (found === null) return;
    const [upright, path] = [(await framesIn(video, found, { most: 1 }))[0], join(folder, 'turned.mp4')];
    turned(video, path);
    const [frame] = await framesIn(path, found, { most: 1 });
    assert.ok(upright !== undefined && frame !== undefined);
    assert.deepEqual([frame.image.width, frame.image.height], [48, 64]);
    // A quarter turn clockwise: (x, y) of what is shown was at (y, height - 1 - x) of what is stored.
    let off = 0;
    for (let y = 0; y < 64; y++)
      for (let x = 0; x < 48; x++)
        for (let c = 0; c < 3; c++)
          off += Math.abs(
            (frame.image.data[(y * 48 + x) * 3 + c] ?? 0) -
              (upright.image.data[((47 - x) * 64 + y) * 3 + c] ?? 0),
          );
    assert.ok(
      off / (48 * 64 * 3) < 6,
      `mean difference ${off / (48 * 64 * 3)}: colors are stored at half the resolution`,
    );
  });

  test('end, and ffmpeg with them, when nobody wants more', async (context) => {
    const found = available(context);
    if (found === null) return;
    const stop = new AbortController();
    const frames = framesOf(video, found, { every: 0, most: 1000 }, stop.signal);
    await frames.next();
    stop.abort();
    const thrown = await failure(
      (async () => {
        for (;;) if ((await frames.next()).done === true) return;
      })(),
    );
    assert.equal(thrown.kind, 'cancelled');
    for await (const frame of framesOf(video, found, { every: 0, most: 1000 })) {
      assert.equal(frame.time, 0);
      break;
    }
    const children = spawnSync('ps', ['--ppid', String(process.pid), '-o', 'comm='], { encoding: 'utf8' });
    assert.doesNotMatch(children.stdout, /^ffmpeg$/m);
  });
});

describe('a file that is not a video', () => {
  test('is said to be none, or damaged, by its own name', async (context) => {
    const found = available(context);
    if (found === null) return;
    const text = join(folder, 'text.mp4');
    writeFileSync(text, 'no video at all\n'.repeat(100));
    assert.match((await failure(probeVideo(text, found))).message, /^text\.mp4: expected a video/);
    const sound = join(folder, 'sound.mp4');
    execFileSync('/usr/bin/ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=0.1', '-c:a', 'aac', sound]);
    assert.match((await failure(probeVideo(sound, found))).message, /found no stream of pictures/);
    assert.equal((await failure(probeVideo(join(folder, 'nothing.mp4'), found))).code, 'no-file');
    assert.match((await failure(probeVideo(folder, found))).message, /not a video/);
  });

  test('and names files of its own reads none of them', async (context) => {
    const found = available(context);
    if (found === null) return;
    const secret = join(folder, 'secret.mp4');
    copyFileSync(video, secret);
    const old = new Date('2001-01-01T00:00:00Z');
    const unread = (): boolean => statSync(secret).atimeMs === old.getTime();
    utimesSync(secret, old, statSync(secret).mtime);
    readFileSync(secret);
    const reads = !unread(); // not where times of reading are not written down
    const lists = {
      'playlist.mp4': `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${secret}\n#EXT-X-ENDLIST\n`,
      'concat.mp4': `ffconcat version 1.0\nfile secret.mp4\n`,
      'dash.mp4': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period><AdaptationSet><Representation id="0" mimeType="video/mp4"><BaseURL>${secret}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    };
    for (const [name, content] of Object.entries(lists)) {
      const path = join(folder, name);
      writeFileSync(path, content);
      utimesSync(secret, old, statSync(secret).mtime); // a read would renew it (relatime)
      const thrown = await failure(probeVideo(path, found));
      assert.equal(thrown.kind, 'image');
      assert.match(thrown.message, new RegExp(`^${name}: expected a video, found`));
      await failure(framesIn(path, found));
      assert.ok(!reads || unread(), `${name} had secret.mp4 read`);
    }
  });

  test('or ends in the middle gives what it has, and says so', async (context) => {
    const found = available(context);
    if (found === null) return;
    const torn = join(folder, 'torn.mp4');
    copyFileSync(video, torn);
    truncateSync(torn, Math.round(statSync(torn).size * 0.6));
    const { code, stderr } = await runs.cli(torn, 'torn');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /torn\.mp4 (is damaged: ffmpeg reported|says that it lasts 3 s; the last frame)/);
  });
});

describe('evaluate', () => {
  test('gives a row a frame, a timeline, and the strongest frames, which give the same numbers as pictures', async (context) => {
    if (available(context) === null) return;
    const { code, stderr, stdout } = await runs.cli(gray, 'gray', '--every', '0', '--target', 'green');
    assert.deepEqual([code, stderr], [0, ''], 'a variable rate is no damage');
    const table = join(folder, 'gray', 'evaluation');
    const rows = runs.rows('gray');
    assert.deepEqual(
      rows.map(({ path }) => path),
      TIMES.map((time) => `gray.mkv#t=${time / 1000}`),
    );
    const summary = JSON.parse(readFileSync(join(table, 'summary.json'), 'utf8')) as Summary;
    const green = rows.map(({ probabilities }) => probabilities?.[1] ?? NaN);
    const mean = green.reduce((sum, value) => sum + value, 0) / green.length;
    assert.equal(summary.video?.scored, 'green');
    assert.ok(Math.abs((summary.video.score ?? NaN) - mean) < 1e-12);
    assert.match(stdout, new RegExp(`score ${mean.toFixed(4)}: probability of green`));
    assert.match(readFileSync(join(table, 'charts', 'timeline.svg'), 'utf8'), /Probability of green by time/);
    const [strongest] = summary.video.strongest;
    assert.ok(strongest !== undefined && Math.abs(strongest.score - Math.max(...green)) < 1e-12);
    const picture = join(table, strongest.file);
    const report = await runCli([
      'evaluate',
      join(table, 'frames'),
      '--labels',
      'none',
      '--weights',
      runs.model,
      '--device',
      'cpu',
      '--output',
      join(folder, 'frames'),
    ]);
    assert.equal(report.code, 0, report.stderr);
    assert.ok(existsSync(picture));
    for (const row of runs.rows('frames')) {
      const time = row.path.replace('.png', '');
      assert.deepEqual(
        row.probabilities,
        rows.find(({ path }) => path === `gray.mkv#t=${time}`)?.probabilities,
      );
    }
    assert.match(
      (await runs.cli(gray, 'gray', '--every', '0', '--target', 'green')).stdout,
      /nothing was computed/,
    );
  });

  test('follows the faces of a portrait, with the scores of its frames one by one', async (context) => {
    const portrait = sharedFile(context, 'images/astronaut.png');
    if (portrait === null || available(context) === null) return;
    const faces = join(folder, 'faces.mkv');
    writeFacesVideo(portrait, faces);
    const detector = { detector: 'blazeface' } as const;
    await runs.here(faces, 'faces', detector);
    const rows = runs.rows('faces');
    assert.deepEqual(
      rows.map(({ moment }) => moment?.face),
      [1, 1, 1, 1, 1, 2, 1, 2, 1, 2, 1, 2],
      'the portrait, and its smaller mirror image as soon as it is in view',
    );

    writeFrames(faces, join(folder, 'pictures'));
    await runs.here(join(folder, 'pictures'), 'one-by-one', detector);
    assert.deepEqual(
      rows.filter(({ moment }) => moment?.face === 1).map(({ probabilities }) => probabilities),
      runs.rows('one-by-one').map(({ probabilities }) => probabilities),
      'of the largest face',
    );
  });

  const PROBED = '{"streams":[{"width":8,"height":8,"duration":"1"}]}';

  test('without ffmpeg, with one that is too old, or one that gives no frame, says what to do', async () => {
    const path = join(folder, 'any.mp4');
    writeFileSync(path, 'video');
    const named = await runs.cli(path, 'none', '--ffmpeg', join(folder, 'nowhere', 'ffmpeg'));
    assert.equal(named.code, 2);
    assert.match(named.stderr, /nowhere.ffmpeg: expected the program ffmpeg, found none/);
    const none = await runCli(['evaluate', path, '--weights', runs.model, '--output', join(folder, 'none')], {
      env: { PATH: folder },
    });
    assert.equal(none.code, 2);
    if (process.platform === 'win32') return;
    const evaluatedBy = async (version: string): Promise<string> => {
      const program = join(folder, `ffmpeg-${version}`);
      for (const name of [program, join(folder, `ffprobe-${version}`)]) {
        writeFileSync(
          name,
          `#!/bin/sh\ncase $* in *-version*) echo "ffmpeg version ${version}";; *json*) echo '${PROBED}';; esac\n`,
        );
        chmodSync(name, 0o755);
      }
      const { code, stderr } = await runs.cli(path, `as-${version}`, '--ffmpeg', program);
      return `${code} ${stderr}`;
    };
    assert.match(
      await evaluatedBy('2.8.17'),
      /^2 [^]*ffmpeg-2\.8\.17: expected ffmpeg 4\.3 or newer, found 2\.8\.17/,
    );
    for (const version of ['4.3.9', '10.0', 'N-112233-g0123abc'])
      assert.match(
        await evaluatedBy(version),
        /^3 [^]*any\.mp4: expected a video with frames, but ffmpeg gave none/,
      );
    assert.match(none.stderr, /expected ffmpeg on the PATH, found none[^]*Install ffmpeg[^]*--ffmpeg <path>/);
  });

  test('takes options of videos for videos alone', () => {
    const refused = (args: readonly string[], what: RegExp): void => {
      assert.throws(
        () => parseEvaluate(args),
        (thrown) => thrown instanceof LensError && thrown.kind === 'usage' && what.test(thrown.message),
      );
    };
    refused(['photos', '--every', '1'], /--every applies to videos/);
    refused(['a.mp4', '--every', '1', '--fps', '2'], /both say/);
    refused(['a.mp4', '--fps', '0'], /--fps expects a number from 0.001/);
    refused(['a.mp4', '--aggregate', 'median'], /sbi or mean/);
    refused(['a.mp4', '--queue', 'redis://localhost'], /a video is evaluated by one machine/);
    assert.deepEqual(parseEvaluate(['a.mp4', '--fps', '4', '--frames', '32', '--aggregate', 'mean']).video, {
      ...{ every: 0.25, most: 32, aggregate: 'mean' },
    });
  });
});
