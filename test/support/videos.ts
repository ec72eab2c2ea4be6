/** Videos drawn by Debian's ffmpeg for one test file, without loss, so that pixels and times can be compared exactly. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installDebianPackages } from '../e2e/vscode/install.mjs';

const PROGRAM = '/usr/bin/ffmpeg';
const PACKAGES = [{ name: 'ffmpeg', file: PROGRAM }] as const;

/** Why there is none here; null where there is. */
export const ffmpegMissing = (): Promise<string | null> =>
  installDebianPackages(PACKAGES).then(
    () => null,
    (error: unknown) => String(error),
  );

/** One gray level a frame. @param times in milliseconds, at which each frame is shown */
export function writeGrayVideo(
  path: string,
  levels: readonly number[],
  times: readonly number[],
  size = '64x48',
): void {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const pixels = Buffer.concat(levels.map((level) => Buffer.alloc(width * height * 3, level)));
  // Frame n at times[n]: nested ifs, since setpts knows no lists.
  const pts = times.reduceRight(
    (rest, time, at) => `if(eq(N,${at}),${time},${rest})`,
    String(times.at(-1) ?? 0),
  );
  run(
    ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-r', '10', '-i', 'pipe:0'],
    [
      '-vf',
      `settb=1/1000,setpts='${pts}'`,
      '-fps_mode',
      'passthrough',
      '-enc_time_base',
      '1:1000',
      '-c:v',
      'ffv1',
      '-pix_fmt',
      'bgr0',
      path,
    ],
    pixels,
  );
}

/** MPEG-4 in MP4 with its index in front, as cameras write it: 3 s of a moving test picture, 64 x 48. */
export function writeMp4(path: string): void {
  run(
    ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=3'],
    ['-c:v', 'mpeg4', '-q:v', '2', '-movflags', '+faststart', path],
  );
}

/** A portrait of 512 x 512 and its mirror image of half that size, over which a camera moves: eight frames in two seconds, without loss. */
export function writeFacesVideo(portrait: string, path: string): void {
  run(
    ['-loop', '1', '-framerate', '4', '-t', '2', '-i', portrait],
    [
      '-filter_complex',
      "[0:v]split[a][b];[b]hflip,scale=256:256,pad=256:512:0:128[c];[a][c]hstack,crop=640:400:'min(n*16,120)':'n*6'",
      ...['-c:v', 'ffv1', '-pix_fmt', 'bgr0', path],
    ],
  );
}

/** Each frame as a picture, 001.png and so on, written by ffmpeg itself. */
export function writeFrames(video: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  run(['-i', video], ['-fps_mode', 'passthrough', join(folder, '%03d.png')]);
}

/** The display matrix of a video that was held upright: a quarter turn clockwise. */
export function turned(path: string, to: string): void {
  const bytes = readFileSync(path);
  const box = bytes.indexOf('tkhd') - 4;
  [0, 0x00010000, 0, -0x00010000, 0, 0, 0, 0, 0x40000000].forEach((value, at) =>
    bytes.writeInt32BE(value, box + 48 + 4 * at),
  );
  writeFileSync(to, bytes);
}

function run(input: readonly string[], output: readonly string[], stdin?: Buffer): void {
  execFileSync(PROGRAM, ['-v', 'error', '-y', ...input, ...output], { input: stdin ?? '' });
}
