/** The frames of a video with the times at which they are shown, as ffmpeg decodes them: streamed, nothing is written to disk. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { cancelled, LensError } from '../../errors';
import type { RgbImage } from '../image';
import { picturesOf } from './ppm-stream';
import { reasonOf, requireSize } from './probe';
import type { Programs } from './programs';
import { keepTimes, safeInput } from './programs';

export interface Frame {
  /** Rotated as a player shows it; RGB as ffmpeg's swscale converts it. */
  readonly image: RgbImage;
  /** Seconds since the video's start. */
  readonly time: number;
}

export interface Wanted {
  /** The first frame of every interval of this many seconds; 0 for every frame. Or those at these times. */
  readonly every: number | readonly number[];
  /** With those that are skipped. */
  readonly most: number;
  /** Frames at the beginning that are chosen like the others, decoded, and not given; 0 where the file gives none. */
  readonly skip?: number;
}

export interface FramesEnd {
  /** What ffmpeg found wrong and went on; null where nothing. */
  readonly damage: { readonly count: number; readonly first: string } | null;
}

/** In which ffmpeg neither gives a frame nor says how far it is. */
const STALL_MS = 120_000;
/** Both begin a line: what ffmpeg quotes of the video (titles and the like) is indented or follows a level. */
const SHOWN = /^\[Parsed_showinfo_\d+ @ \w+\] \[info\] n: *\d+ pts: *(\S+)/;
const TIME_BASE = /^\[Parsed_showinfo_\d+ @ \w+\] \[info\] config in time_base: (\d+)\/(\d+)/;
const WRONG = /^(\[[^\]]* @ \w+\] )*\[(error|fatal|panic)\]/;
/** Seconds, between a frame and the time that names it. */
const CLOSE = 5e-5;
/** Else pictures are timed by the video's mean rate, and two frames that are closer are reported as an error in the video. */
const TIMES_OF_PICTURES = ['-enc_time_base', '1:1000000'] as const;
/** Of ffmpeg's own allocations, each. */
const MOST_BYTES = String(512 * 2 ** 20);

/**
 * A frame is decoded when it is requested, except for what fits into the pipe. ffmpeg is killed when the caller stops, and when the signal is aborted.
 * @throws LensError of kind `image` where the video cannot be decoded, or `cancelled`
 */
export async function* framesOf(
  video: string,
  programs: Programs,
  wanted: Wanted,
  signal?: AbortSignal,
): AsyncGenerator<Frame, FramesEnd, undefined> {
  const child = spawn(programs.ffmpeg, argumentsFor(video, programs, wanted), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  const messages = new Messages(child.stderr, video);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      messages.close();
      resolve(code);
    });
  });
  ended.catch(() => undefined); // reported below
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stall = new Stall(kill);
  messages.moved = () => stall.moved();
  try {
    let at = 0;
    for await (const image of picturesOf(watched(child, stall), (width, height) =>
      requireSize(video, width, height),
    )) {
      const time = await messages.time(at++);
      if (time === null) break;
      if (!Number.isFinite(time)) throw broken(video, `frame ${at} has no time at which it is shown`);
      yield { image, time };
    }
    const code = await ended;
    if (signal?.aborted === true) throw cancelled(signal.reason);
    if (stall.hit) throw stalled(video);
    if (code !== 0) throw broken(video, messages.lastError);
    return { damage: messages.errors === 0 ? null : { count: messages.errors, first: messages.firstError } };
  } catch (thrown) {
    if (thrown instanceof LensError) throw thrown;
    throw signal?.aborted === true
      ? cancelled(signal.reason)
      : broken(video, thrown instanceof Error ? thrown.message : String(thrown));
  } finally {
    stall.end();
    signal?.removeEventListener('abort', kill);
    kill();
    child.stdout.destroy();
    await gone; // it leaves nothing behind
  }
}

function argumentsFor(
  video: string,
  programs: Programs,
  { every, most, skip = 0 }: Wanted,
): readonly string[] {
  // The first frame in each part of the time line: no drift, whatever the times of the frames are.
  const part = (time: string): string => `floor((${time}+1e-6)/${String(every)})`;
  const select =
    typeof every !== 'number'
      ? every.map((time) => `between(t,${time - CLOSE},${time + CLOSE})`).join('+')
      : every > 0
        ? `isnan(prev_selected_t)+gt(${part('t')},${part('prev_selected_t')})`
        : '1';
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'level+info', '-max_alloc', MOST_BYTES, '-threads', '2'],
    ...safeInput(video),
    ...[
      '-map',
      '0:V:0',
      '-vf',
      `select='${select}',${skip === 0 ? '' : `select='gte(n,${skip})',`}showinfo`,
      ...keepTimes(programs),
      ...TIMES_OF_PICTURES,
      '-frames:v',
      String(most - skip),
    ],
    ...['-pix_fmt', 'rgb24', '-c:v', 'ppm', '-f', 'image2pipe', 'pipe:1'],
  ];
}

/** Bytes as they come; the clock runs only while they are waited for. */
async function* watched(
  { stdout }: ChildProcessByStdio<null, Readable, Readable>,
  stall: Stall,
): AsyncGenerator<Buffer, void, undefined> {
  stall.begin();
  for await (const chunk of stdout) {
    stall.pause();
    yield chunk as Buffer;
    stall.begin();
  }
  stall.pause();
}

class Stall {
  hit = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly kill: () => void) {}

  begin(): void {
    this.pause();
    this.timer = setTimeout(() => {
      this.hit = true;
      this.kill();
    }, STALL_MS);
  }

  moved(): void {
    this.timer?.refresh();
  }

  pause(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  end(): void {
    this.pause();
  }
}

/** What ffmpeg writes on standard error: the time of each frame (filter showinfo), how far it is, and what is wrong. */
class Messages {
  errors = 0;
  firstError = '';
  lastError = 'nothing';
  moved = (): void => undefined;
  private readonly times = new Map<number, number>();
  private readonly waiting = new Map<number, (time: number | null) => void>();
  private rest = '';
  /** Seconds of one tick. */
  private timeBase = NaN;
  private shown = 0;
  private closed = false;

  constructor(
    stderr: Readable,
    private readonly video: string,
  ) {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.moved();
      const lines = (this.rest + text).split(/[\r\n]/);
      this.rest = (lines.pop() ?? '').slice(0, 4096);
      lines.forEach((line) => this.line(line));
    });
  }

  /** Of the frame with this number; null where ffmpeg ended without saying it. */
  time(frame: number): Promise<number | null> {
    const known = this.times.get(frame);
    this.times.delete(frame);
    if (known !== undefined || this.closed) return Promise.resolve(known ?? null);
    return new Promise((resolve) => this.waiting.set(frame, resolve));
  }

  close(): void {
    this.closed = true;
    this.waiting.forEach((resolve) => resolve(null));
  }

  private line(text: string): void {
    const [, over, under] = TIME_BASE.exec(text) ?? [];
    if (over !== undefined) this.timeBase = Number(over) / Number(under);
    const [, pts] = SHOWN.exec(text) ?? [];
    if (pts !== undefined) {
      const time = Number(pts) * this.timeBase; // the filter's own pts_time has six digits
      const number = this.shown++; // its numbers begin again where frames change their size
      const resolve = this.waiting.get(number);
      this.waiting.delete(number);
      if (resolve === undefined) this.times.set(number, time);
      else resolve(time);
    } else if (WRONG.test(text)) {
      this.lastError = reasonOf(text, this.video);
      if (this.errors === 0) this.firstError = this.lastError;
      this.errors += 1;
    }
  }
}

const broken = (video: string, reason: string): LensError =>
  new LensError('image', `${basename(video)} cannot be decoded: ffmpeg says "${reason}".`, {
    fix: 'Check that the file is whole and that ffmpeg plays it.',
  });

const stalled = (video: string): LensError =>
  new LensError(
    'image',
    `${basename(video)}: ffmpeg produced nothing for ${STALL_MS / 1000} s and was stopped.`,
    {
      fix: 'Check the disk or network share that the video lies on.',
    },
  );
