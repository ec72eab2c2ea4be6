/** The strongest frames of a video as pictures beside its table, so that each can be analyzed like any other picture. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Summary } from '../../../../protocol/evaluation';
import { encodeRgbPng } from '../../imaging/png/png';
import { framesOf } from '../../imaging/video/frames';
import type { Programs } from '../../imaging/video/programs';
import { SUMMARY } from '../summary/summary';
import type { Observer } from '../write-table';
import { frameFile } from './video-scores';

/** Writes them once the summary names them, in a second pass over the video: no other frames are ever on disk. */
export function withFrames(
  { path, programs }: { readonly path: string; readonly programs: Programs },
  observer: Observer,
  signal?: AbortSignal,
): Observer {
  return {
    see: (row) => {
      observer.see(row);
    },
    write: async (folder) => {
      await observer.write(folder);
      const { video } = JSON.parse(await readFile(join(folder, SUMMARY), 'utf8')) as Summary;
      const times = [...new Set((video?.strongest ?? []).map(({ time }) => time))].sort((a, b) => a - b);
      if (times.length === 0) return;
      await mkdir(join(folder, 'frames'));
      const wanted = { every: times, most: times.length };
      for await (const { image, time } of framesOf(path, programs, wanted, signal))
        await writeFile(join(folder, frameFile(time)), await encodeRgbPng(image));
    },
  };
}
