/** What an AVIF's boxes say of its primary picture (ISO/IEC 14496-12, 23008-12; AV1 Image File Format 1.1). */

import { PictureError } from '../problems';

export interface AvifInfo {
  /** CICP of the primary picture; null where no box states it, or no box of the usual kind. */
  readonly color: AvifColor | null;
  /** AV1's layout of it; null where it is put together from others that differ. */
  readonly layout: AvifLayout | null;
  /** Turns and mirrors in their order: quarter turns counterclockwise; or the axis of a mirror, 0 vertical, 1 horizontal. */
  readonly transforms: readonly AvifTransform[];
  /** A clean aperture cuts the picture. */
  readonly cut: boolean;
  /** Where the box types of `ftyp`'s major brand lie. */
  readonly sequence: Sequence | null;
}

export interface AvifColor {
  /** Matrix coefficients, ITU-T H.273. */
  readonly matrix: number;
  readonly fullRange: boolean;
  /** Where the box's contents begin, all boxes of colors in the file. */
  readonly places: readonly number[];
}

export interface AvifLayout {
  readonly bits: 8 | 10 | 12;
  readonly mono: boolean;
  readonly halfWidth: boolean;
  readonly halfHeight: boolean;
}

export interface AvifTransform {
  readonly kind: 'irot' | 'imir';
  readonly value: number;
  /** Where the box's type is. */
  readonly place: number;
}

/** Of an animated file: how many frames, and whether the still picture is the first of them. */
export interface Sequence {
  readonly frames: number;
  readonly stillIsFirst: boolean;
}

interface Box {
  readonly type: string;
  /** Of its contents. */
  readonly start: number;
  readonly end: number;
}

/** Deeper and longer than any writer makes them. */
const MOST_BOXES = 10_000;

/** @throws PictureError where the boxes do not nest */
export function readAvifInfo(file: Buffer): AvifInfo {
  const top = boxesIn(file, 0, file.length);
  const meta = top.find(({ type }) => type === 'meta');
  if (meta === undefined) throw PictureError.unsupported('no still picture in it');
  const inMeta = boxesIn(file, meta.start + 4, meta.end);
  const iprp = inMeta.find(({ type }) => type === 'iprp');
  const primary = primaryItem(file, inMeta);
  const inIprp = iprp === undefined ? [] : boxesIn(file, iprp.start, iprp.end);
  const ipco = inIprp.find(({ type }) => type === 'ipco');
  const properties = ipco === undefined ? [] : boxesIn(file, ipco.start, ipco.end);
  const own = inIprp
    .filter(({ type }) => type === 'ipma')
    .flatMap((ipma) => associations(file, ipma, primary))
    .flatMap((index) => properties[index - 1] ?? []);
  const animated = file.toString('latin1', 8, 12) === 'avis';
  return {
    color: colorOf(file, own, properties),
    layout: layoutOf(file, own, properties),
    transforms: own
      .filter(({ type }) => type === 'irot' || type === 'imir')
      .map(({ type, start }) => ({
        kind: type as 'irot' | 'imir',
        value: (file[start] ?? 0) & (type === 'irot' ? 3 : 1),
        place: start - 4,
      })),
    cut: own.some(({ type }) => type === 'clap'),
    sequence: animated ? sequenceOf(file, top, firstExtent(file, inMeta, primary)) : null,
  };
}

function boxesIn(file: Buffer, start: number, end: number): Box[] {
  const boxes: Box[] = [];
  for (let at = start; at + 8 <= end;) {
    if (boxes.length > MOST_BOXES) throw PictureError.unsafe('it holds more than 10,000 boxes');
    let size = file.readUInt32BE(at);
    let head = 8;
    if (size === 1 && at + 16 <= end) {
      size = Number(file.readBigUInt64BE(at + 8));
      head = 16;
    } else if (size === 0) size = end - at;
    if (size < head || at + size > end) throw PictureError.damaged('the file ends within a box');
    boxes.push({ type: file.toString('latin1', at + 4, at + 8), start: at + head, end: at + size });
    at += size;
  }
  return boxes;
}

/** Big-endian, inside of the box. */
function number(file: Buffer, box: Box, at: number, bytes: number): number {
  if (bytes === 0) return 0;
  if (box.start + at + bytes > box.end) throw PictureError.damaged(`its ${box.type} box is too short`);
  return bytes === 8 ? Number(file.readBigUInt64BE(box.start + at)) : file.readUIntBE(box.start + at, bytes);
}

function primaryItem(file: Buffer, inMeta: readonly Box[]): number {
  const pitm = inMeta.find(({ type }) => type === 'pitm');
  if (pitm === undefined) throw PictureError.unsupported('no still picture in it');
  return number(file, pitm, 4, number(file, pitm, 0, 1) === 0 ? 2 : 4);
}

/** Indices, from 1, of the item's properties. */
function associations(file: Buffer, ipma: Box, item: number): number[] {
  const version = number(file, ipma, 0, 1);
  const wide = (number(file, ipma, 3, 1) & 1) === 1;
  const entries = number(file, ipma, 4, 4);
  const found: number[] = [];
  for (let i = 0, at = 8; i < entries; i++) {
    const id = number(file, ipma, at, version < 1 ? 2 : 4);
    at += version < 1 ? 2 : 4;
    const count = number(file, ipma, at++, 1);
    for (let j = 0; j < count; j++, at += wide ? 2 : 1) {
      const index = number(file, ipma, at, wide ? 2 : 1) & (wide ? 0x7fff : 0x7f);
      if (id === item) found.push(index);
    }
  }
  return found;
}

function colorOf(file: Buffer, own: readonly Box[], all: readonly Box[]): AvifColor | null {
  const isColor = (box: Box) =>
    box.type === 'colr' &&
    box.end - box.start >= 11 &&
    file.toString('latin1', box.start, box.start + 4) === 'nclx';
  const box = own.find(isColor);
  if (box === undefined) return null;
  return {
    matrix: number(file, box, 8, 2),
    fullRange: (number(file, box, 10, 1) & 0x80) !== 0,
    places: all.filter(isColor).map(({ start }) => start),
  };
}

/** A picture made of tiles has no codec of its own: that of all others counts where it is one. */
function layoutOf(file: Buffer, own: readonly Box[], all: readonly Box[]): AvifLayout | null {
  const configs = (boxes: readonly Box[]) =>
    boxes
      .filter(({ type, start, end }) => type === 'av1C' && end - start >= 4)
      .map((box) => number(file, box, 2, 1));
  const [mine] = configs(own);
  const others = configs(all);
  // The alpha plane of a picture of tiles is monochrome.
  const colored = [...new Set(others.filter((flags) => (flags & 0x10) === 0))];
  const flags = mine ?? (colored.length === 1 ? colored[0] : undefined);
  if (flags === undefined) return null;
  return {
    bits: flags & 0x20 ? 12 : flags & 0x40 ? 10 : 8,
    mono: (flags & 0x10) !== 0,
    halfWidth: (flags & 0x08) !== 0,
    halfHeight: (flags & 0x04) !== 0,
  };
}

interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Where the item's data begins, if it is in the file itself. */
function firstExtent(file: Buffer, inMeta: readonly Box[], item: number): Extent | null {
  const iloc = inMeta.find(({ type }) => type === 'iloc');
  if (iloc === undefined) return null;
  const version = number(file, iloc, 0, 1);
  const sizes = number(file, iloc, 4, 2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version > 0 ? sizes & 15 : 0;
  const idSize = version < 2 ? 2 : 4;
  const count = number(file, iloc, 6, idSize);
  for (let i = 0, at = 6 + idSize; i < count; i++) {
    const id = number(file, iloc, at, idSize);
    at += idSize + (version > 0 ? 2 : 0) + 2;
    const base = number(file, iloc, at, baseSize);
    at += baseSize;
    const extents = number(file, iloc, at, 2);
    at += 2;
    if (id === item && extents === 1)
      return {
        offset: base + number(file, iloc, at + indexSize, offsetSize),
        length: number(file, iloc, at + indexSize + offsetSize, lengthSize),
      };
    at += extents * (indexSize + offsetSize + lengthSize);
  }
  return null;
}

/** Of the first track: the number of its samples, and where the first one is. */
function sequenceOf(file: Buffer, top: readonly Box[], still: Extent | null): Sequence {
  let boxes = top;
  for (const name of ['moov', 'trak', 'mdia', 'minf', 'stbl']) {
    const box = boxes.find(({ type }) => type === name);
    if (box === undefined) throw PictureError.damaged('its frames are not listed');
    boxes = boxesIn(file, box.start, box.end);
  }
  const sizes = boxes.find(({ type }) => type === 'stsz');
  const offsets = boxes.find(({ type }) => type === 'stco' || type === 'co64');
  if (sizes === undefined || offsets === undefined) throw PictureError.damaged('its frames are not listed');
  const frames = number(file, sizes, 8, 4);
  const length = number(file, sizes, 4, 4) || number(file, sizes, 12, 4);
  const offset = number(file, offsets, 8, offsets.type === 'co64' ? 8 : 4);
  return { frames, stillIsFirst: still !== null && still.offset === offset && still.length === length };
}
