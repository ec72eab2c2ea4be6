/**
 * How much of a video that was stopped is good: its whole frames, from the first on. Their faces are followed once more, so that those of the
 * next frame get the numbers that they would have had.
 */
import type { Place } from '../place';
import type { Row } from '../row';
import { Tracks } from './tracks';

export interface Resumed {
  /** Frames whose rows are all there. */
  readonly frames: number;
  readonly rows: number;
  /** Of the file of rows, with these. */
  readonly bytes: number;
  /** Seconds, of the last of these frames; 0 where there is none. */
  readonly time: number;
  readonly tracks: Tracks;
}

const nothing = (): Resumed => ({ frames: 0, rows: 0, bytes: 0, time: 0, tracks: new Tracks() });

/** The stamp of a frame's rows. @param frame from 0 */
export const frameStamp = (frame: number): string => `frame ${frame}`;

/** @throws LensError as `Place.begin` */
export async function resumeVideo(place: Place, fresh: boolean): Promise<Resumed> {
  if (!(await place.begin(fresh))) return nothing();
  let good = nothing();
  let open: { readonly rows: Row[]; bytes: number } | null = null;
  for await (const { row, then, bytes } of place.stampedRows()) {
    if (row.moment === undefined) return nothing();
    if (open !== null && then === frameStamp(good.frames)) {
      open.rows.push(row);
      open.bytes = bytes;
      continue;
    }
    if (open !== null) {
      // Only the next frame's first row says that this one is whole.
      const followed = follow(good, open);
      if (followed === null) return nothing();
      good = followed;
    }
    if (then !== frameStamp(good.frames)) return good;
    open = { rows: [row], bytes };
  }
  return good;
}

/** Null where its faces would be numbered otherwise now. */
function follow(
  { frames, rows, tracks }: Resumed,
  frame: { readonly rows: readonly Row[]; readonly bytes: number },
): Resumed | null {
  const found = frame.rows.flatMap(({ moment }) => (moment === undefined ? [] : [moment]));
  const faces = found.filter(({ face }) => face !== null);
  const ids = tracks.follow(faces.flatMap(({ box }) => (box === null ? [] : [box])));
  if (!faces.every(({ face }, at) => face === ids[at])) return null;
  const time = found[0]?.time ?? 0;
  return { frames: frames + 1, rows: rows + frame.rows.length, bytes: frame.bytes, time, tracks };
}
