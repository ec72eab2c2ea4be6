/** The user's own ffmpeg and ffprobe: where they are, and how they are called so that a video opens no other file. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { LensError } from '../../errors';

export interface Programs {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** Such as `5.1.6`; as the program says it. */
  readonly version: string;
}

/** What means the program on the PATH. */
export const ON_PATH = 'auto';

/**
 * Containers that hold their own streams. Playlists and lists of files (HLS, DASH, concat, image sequences) are not among them: those open what
 * they name, whatever the video's file is called.
 */
const CONTAINERS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,ogg,flv,live_flv,asf,mxf,ivf,h264,hevc,gif';

/** In front of `-i`, for both programs: the video is a file, and nothing else is read. */
export const safeInput = (video: string): readonly string[] => [
  ...['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS],
  ...['-i', `file:${resolve(video)}`],
];

const WINDOWS = process.platform === 'win32';
const VERSION_MS = 20_000;

/**
 * @param asked a path, or `auto` for the one on the PATH; ffprobe is beside it
 * @throws LensError of kind `usage` where there is none that runs
 */
export async function findPrograms(asked: string): Promise<Programs> {
  const ffmpeg = asked === ON_PATH ? onPath('ffmpeg') : programAt(resolve(asked));
  if (ffmpeg === null) {
    const where =
      asked === ON_PATH
        ? 'expected ffmpeg on the PATH, found none'
        : `${asked}: expected the program ffmpeg, found none`;
    throw missing(`Videos are read by ffmpeg: ${where}.`);
  }
  const beside = programAt(join(dirname(ffmpeg), basename(ffmpeg).replace(/ffmpeg/i, 'ffprobe')));
  const ffprobe = beside === null || beside === ffmpeg ? onPath('ffprobe') : beside;
  if (ffprobe === null) throw missing(`${ffmpeg}: expected ffprobe beside it or on the PATH, found none.`);
  const version = await versionOf(ffmpeg);
  if (version === null)
    throw missing(`${ffmpeg}: expected ffmpeg, which says its version; found another program.`);
  if (numberOf(version) < LEAST_VERSION)
    throw missing(`${ffmpeg}: expected ffmpeg 4.3 or newer, found ${version}.`);
  return { ffmpeg, ffprobe, version };
}

const missing = (message: string): LensError =>
  new LensError('usage', message, {
    fix: 'Install ffmpeg 4.3 or newer (https://ffmpeg.org/download.html, or your system’s package).',
    remedies: ['name-ffmpeg'],
    code: 'no-ffmpeg',
  });

/** Only folders that are absolute: a program in a project is not run by mistake. */
function onPath(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = isAbsolute(folder) ? programAt(join(folder, WINDOWS ? `${name}.exe` : name)) : null;
    if (found !== null) return found;
  }
  return null;
}

function programAt(path: string): string | null {
  try {
    accessSync(path, WINDOWS ? constants.F_OK : constants.X_OK);
    return statSync(path).isFile() ? path : null;
  } catch {
    return null;
  }
}

function versionOf(ffmpeg: string): Promise<string | null> {
  return new Promise((answer) => {
    execFile(ffmpeg, ['-version'], { timeout: VERSION_MS, killSignal: 'SIGKILL' }, (error, stdout) => {
      answer(error === null ? (/^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? null) : null);
    });
  });
}

/** Every frame once, at its own time; the option's name since 5.1. */
export function keepTimes({ version }: Programs): readonly string[] {
  return [numberOf(version) < 501 ? '-vsync' : '-fps_mode', 'passthrough'];
}

/** As docs/evaluate.md says. */
const LEAST_VERSION = 403;

/** 5.1.6 is 501; builds between releases have a date or a hash and are taken for new. */
function numberOf(version: string): number {
  const [, major, minor] = /^n?(\d{1,3})\.(\d{1,2})/.exec(version) ?? [];
  return major === undefined ? Infinity : 100 * Number(major) + Number(minor);
}
