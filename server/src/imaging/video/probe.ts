/** What a video's file says of its picture stream, before anything is decoded. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { cancelled, LensError } from '../../errors';
import type { Programs } from './programs';
import { safeInput } from './programs';

export interface VideoFacts {
  /** Pixels as they are stored: rotation exchanges them. */
  readonly width: number;
  readonly height: number;
  /** Seconds; null where the file does not say it. */
  readonly duration: number | null;
  /** How many frames there are: where the file counts them, else by their mean rate; null where it says neither. */
  readonly frames: { readonly count: number; readonly counted: boolean } | null;
  /** Width of a pixel over its height. */
  readonly pixelAspect: number;
  /** Bytes of the file. */
  readonly bytes: number;
}

/** 8K has 33 million: a frame is held in memory several times. */
const MOST_PIXELS = 40_000_000;
const PROBE_MS = 60_000;
const MOST_OUTPUT = 2 ** 20;

/** @throws LensError of kind `image` for a file that is missing, no video, damaged or too large */
export async function probeVideo(
  video: string,
  programs: Programs,
  signal?: AbortSignal,
): Promise<VideoFacts> {
  const found = await stat(video).catch(() => null);
  if (found === null)
    throw new LensError('image', `There is no file ${video}.`, { fix: 'Check the path.', code: 'no-file' });
  if (!found.isFile())
    throw new LensError('image', `${basename(video)} is a folder, a pipe or a device, not a video.`, {
      code: 'not-an-image',
      fix: 'Give the path of one file.',
    });
  const text = await ask(video, programs, signal);
  const { streams = [], format = {} } = JSON.parse(text) as Probed;
  const [stream] = streams;
  const { width = 0, height = 0 } = stream ?? {};
  if (stream === undefined || width < 1 || height < 1) {
    throw new LensError('image', `${basename(video)}: expected a video, found no stream of pictures in it.`, {
      fix: 'It may hold only sound: play it to see.',
    });
  }
  requireSize(video, width, height);
  const [over = 1, under = 1] = (stream.sample_aspect_ratio ?? '1:1').split(':').map(Number);
  const duration = seconds(stream.duration) ?? seconds(format.duration);
  return {
    ...{ width, height, duration, bytes: found.size, frames: framesIn(stream, duration) },
    pixelAspect: over > 0 && under > 0 ? over / under : 1,
  };
}

/** @throws LensError of kind `image` */
export function requireSize(video: string, width: number, height: number): void {
  if (width * height <= MOST_PIXELS) return;
  throw new LensError(
    'image',
    `${basename(video)} is too large: its frames have ${width} x ${height} pixels (width x height), more than the ${MOST_PIXELS / 1e6} million that are supported.`,
    { code: 'image-too-large', fix: 'Scale the video down first, for example with ffmpeg.' },
  );
}

interface Probed {
  readonly streams?: readonly {
    readonly width?: number;
    readonly height?: number;
    readonly duration?: string;
    readonly sample_aspect_ratio?: string;
    readonly nb_frames?: string;
    readonly avg_frame_rate?: string;
  }[];
  readonly format?: { readonly duration?: string };
}

function framesIn(
  { nb_frames: counted, avg_frame_rate: rate = '' }: NonNullable<Probed['streams']>[number],
  duration: number | null,
): VideoFacts['frames'] {
  const count = Number(counted ?? NaN);
  if (Number.isSafeInteger(count) && count > 0) return { count, counted: true };
  const [over = NaN, under = NaN] = rate.split('/').map(Number);
  const estimate = duration === null ? NaN : Math.round((duration * over) / under);
  return Number.isSafeInteger(estimate) && estimate > 0 ? { count: estimate, counted: false } : null;
}

function seconds(text: string | undefined): number | null {
  const value = Number(text ?? NaN);
  return Number.isFinite(value) && value > 0 ? value : null;
}

function ask(video: string, { ffprobe }: Programs, signal: AbortSignal | undefined): Promise<string> {
  const args = [
    ...['-hide_banner', '-v', 'error', '-select_streams', 'V:0', '-of', 'json'],
    ...[
      '-show_entries',
      'stream=width,height,duration,sample_aspect_ratio,nb_frames,avg_frame_rate:format=duration',
    ],
    ...safeInput(video),
  ];
  const options = {
    timeout: PROBE_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_OUTPUT,
    ...(signal === undefined ? {} : { signal }),
  } as const;
  return new Promise((answer, reject) => {
    execFile(ffprobe, args, options, (error, stdout, stderr) => {
      if (error === null) answer(stdout);
      else if (signal?.aborted === true) reject(cancelled(signal.reason));
      else reject(unreadable(video, stderr, error.killed === true));
    });
  });
}

function unreadable(video: string, stderr: string, tooLate: boolean): LensError {
  if (tooLate)
    return new LensError(
      'image',
      `${basename(video)}: ffprobe printed nothing for ${PROBE_MS / 1000} s and was stopped.`,
      {
        fix: 'Check the disk or network share that the video lies on.',
      },
    );
  if (/whitelist/i.test(stderr))
    return new LensError(
      'image',
      `${basename(video)}: expected a video, found a playlist, a list of files or another format that refers to other files.`,
      {
        fix: 'MP4, MOV, Matroska, WebM, AVI, MPEG and the like are read.',
      },
    );
  return new LensError(
    'image',
    `${basename(video)}: expected a video, found no such file or a damaged one: ffprobe says "${reasonOf(stderr, video)}".`,
    {
      fix: 'Check that the file is whole and that ffmpeg plays it.',
    },
  );
}

/** The last line without the address of the part of ffmpeg that says it, and without the path. */
export function reasonOf(stderr: string, video: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.replace(/\[[^\]]*\]\s*/g, '').trim());
  const last = lines.filter((line) => line !== '').at(-1) ?? 'nothing';
  return last.replaceAll(video, basename(video)).replaceAll('file:', '').slice(0, 300);
}
