/** Images that a text names: found below a workspace's folders, never elsewhere, with few disk accesses. */
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { isInside } from './inside';
import { fileProblem, withFileAt } from './regular-file';

export interface NamedImage {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** As its header has it; null of kinds whose header is not looked at. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/**
 * The image that a path in a text refers to: relative to the text's folder, else to a folder of the workspace.
 * @param text absolute path of the file that names it; null where it has none
 * @param folders absolute paths of the workspace's folders
 * @returns absolute path of a regular file that lies in one of them once links are resolved; null where there is none
 */
export async function findImage(
  name: string,
  text: string | null,
  folders: readonly string[],
): Promise<string | null> {
  const bases = [...(text === null ? [] : [dirname(text)]), ...folders];
  const places = isAbsolute(name) ? [name] : bases.map((base) => join(base, name));
  for (const place of new Set(places)) {
    const folder = folders.find((each) => isInside(place, each));
    if (folder === undefined || (await fileProblem(folder, relative(folder, place))) !== null) continue;
    if ((await stat(place).catch(() => null))?.isFile() === true) return place;
  }
  return null;
}

/** Bytes of a file in which its size is looked for. */
const HEADER = 65_536;

/** Path and size of an image. @throws FileRefusal */
export const describeImage = (path: string): Promise<NamedImage> =>
  withFileAt(path, Infinity, async ({ bytes, read }) => ({
    ...{ path, bytes },
    size: sizeIn(await read(0, Math.min(bytes, HEADER))),
  }));

export const nameOf = (image: NamedImage): string => basename(image.path);

type Size = NamedImage['size'];

/** Of PNG, GIF, BMP, JPEG and WebP. */
export function sizeIn(bytes: Buffer): Size {
  try {
    if (bytes.readUInt32BE(0) === 0x89504e47)
      return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    const kind = bytes.toString('latin1', 0, 4);
    if (kind.startsWith('GIF8')) return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
    if (kind.startsWith('BM'))
      return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) };
    if (bytes.readUInt16BE(0) === 0xffd8) return sizeInJpeg(bytes);
    if (kind === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return sizeInWebp(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // cut short
  }
  return null;
}

/** The first frame header, SOF0 to SOF15 without DHT, JPG and DAC. */
function sizeInJpeg(bytes: Buffer): Size {
  for (let at = 2; at < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function sizeInWebp(bytes: Buffer): Size {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    default:
      return null;
  }
}
