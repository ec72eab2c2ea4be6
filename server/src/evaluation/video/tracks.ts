/**
 * Tracks faces from frame to frame: pairs of a face and a track are taken by falling overlap (intersection over union of their
 * boxes), each once, down to 0.3. A track without a face is held for three frames; a face without a track begins one.
 */
import type { Box } from '../../imaging/image';

export const LEAST_OVERLAP = 0.3;
export const MOST_MISSED = 3;

interface Track {
  readonly id: number;
  box: Box;
  missed: number;
}

export class Tracks {
  /** Number of tracks so far. */
  count = 0;
  private tracks: Track[] = [];

  /** @param boxes of one frame, frames in the order of time @returns for each box the number of its track, from 1 */
  follow(boxes: readonly Box[]): readonly number[] {
    const pairs = this.tracks
      .flatMap((track) => boxes.map((box, at) => ({ track, at, overlap: overlap(track.box, box) })))
      .filter((pair) => pair.overlap >= LEAST_OVERLAP)
      .sort((a, b) => b.overlap - a.overlap || a.track.id - b.track.id || a.at - b.at);
    const found = new Map<number, Track>();
    const taken = new Set<Track>();
    for (const { track, at } of pairs) {
      if (found.has(at) || taken.has(track)) continue;
      found.set(at, track);
      taken.add(track);
    }
    for (const track of this.tracks) track.missed = taken.has(track) ? 0 : track.missed + 1;
    this.tracks = this.tracks.filter(({ missed }) => missed <= MOST_MISSED);
    return boxes.map((box, at) => {
      const track = found.get(at) ?? this.begin(box);
      track.box = box;
      return track.id;
    });
  }

  private begin(box: Box): Track {
    const track = { id: ++this.count, box, missed: 0 };
    this.tracks.push(track);
    return track;
  }
}

/** Intersection over union, 0..1. */
export function overlap(a: Box, b: Box): number {
  const across = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const down = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (across <= 0 || down <= 0) return 0;
  const area = ([x0, y0, x1, y1]: Box): number => (x1 - x0) * (y1 - y0);
  return (across * down) / (area(a) + area(b) - across * down);
}
