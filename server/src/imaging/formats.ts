/** Which picture format a file's first bytes announce, whatever its name says. */

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif' | 'bmp' | 'pbm' | 'pgm' | 'ppm';

export const SUPPORTED_FORMATS = 'JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP, PPM, PGM and PBM';

export type Sniffed =
  | { readonly format: ImageFormat }
  /** `found` follows "<file> is", as in "a text file, not an image"; `fix` where we know better than "convert it". */
  | {
      readonly format: null;
      readonly found: string;
      readonly fix?: string;
      /** A picture, of a format that is not read. */
      readonly picture?: true;
    };

/** Enough bytes for every signature below. */
export const SNIFF_BYTES = 512;

interface Signature {
  readonly bytes: string;
  readonly at?: number;
}

/** Signatures as Latin-1 strings, from each format's specification. */
const PICTURES: readonly (readonly [ImageFormat, ...Signature[]])[] = [
  ['jpeg', { bytes: '\xff\xd8\xff' }],
  ['png', { bytes: '\x89PNG\r\n\x1a\n' }],
  ['gif', { bytes: 'GIF87a' }],
  ['gif', { bytes: 'GIF89a' }],
  ['webp', { bytes: 'RIFF' }, { bytes: 'WEBP', at: 8 }],
  ['tiff', { bytes: 'II*\0' }],
  ['tiff', { bytes: 'MM\0*' }],
  ['tiff', { bytes: 'II+\0' }],
  ['tiff', { bytes: 'MM\0+' }],
  ['bmp', { bytes: 'BM' }],
];

/** Netpbm's magic number, ASCII then binary: bitmap, graymap, pixmap. */
const NETPBM: Readonly<Record<string, ImageFormat>> = {
  P1: 'pbm',
  P2: 'pgm',
  P3: 'ppm',
  P4: 'pbm',
  P5: 'pgm',
  P6: 'ppm',
};

/** Pictures that nothing here decodes. */
const UNREAD: readonly (readonly [string, ...Signature[]])[] = [
  ['a JPEG XL image', { bytes: '\xff\x0a' }],
  ['a JPEG XL image', { bytes: '\0\0\0\x0cJXL ' }],
  ['a JPEG 2000 image', { bytes: '\0\0\0\x0cjP  ' }],
  ['a JPEG 2000 codestream', { bytes: '\xff\x4f\xff\x51' }],
  ['an OpenEXR image', { bytes: 'v/1\x01' }],
  ['a Radiance HDR image', { bytes: '#?RADIANCE' }],
  ['a Radiance HDR image', { bytes: '#?RGBE' }],
  ['a PAM image', { bytes: 'P7\n' }],
  ['a PFM image', { bytes: 'PF\n' }],
  ['a PFM image', { bytes: 'Pf\n' }],
  ['a QOI image', { bytes: 'qoif' }],
  ['a DirectDraw surface', { bytes: 'DDS ' }],
  ['a Photoshop document', { bytes: '8BPS' }],
  ['a Sun raster image', { bytes: '\x59\xa6\x6a\x95' }],
  ['a DICOM image', { bytes: 'DICM', at: 128 }],
  ['an icon', { bytes: '\0\0\x01\0' }],
  ['an OS/2 bitmap array', { bytes: 'BA' }, { bytes: 'BM', at: 14 }],
];

const OTHERS: readonly (readonly [string, ...Signature[]])[] = [
  ['a PDF document', { bytes: '%PDF' }],
  ['a ZIP archive', { bytes: 'PK\x03\x04' }],
  ['a gzip archive', { bytes: '\x1f\x8b' }],
  ['a NumPy array', { bytes: '\x93NUMPY' }],
  ['a RIFF file other than WebP', { bytes: 'RIFF' }],
];

/** ISO base media brands (`ftyp`): AVIF is read, HEIC is not, the rest are videos. */
const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'heim', 'heis', 'hevx', 'mif1', 'msf1'];

const unread = (found: string, fix = 'Convert it to PNG.'): Sniffed => ({
  format: null,
  found: `${found}, which is not read`,
  fix,
  picture: true,
});

const noImage = (found: string, fix?: string): Sniffed => ({
  format: null,
  found: `${found}, not an image`,
  ...(fix === undefined ? {} : { fix }),
});

export function sniffFormat(file: Buffer): Sniffed {
  const head = file.toString('latin1', 0, SNIFF_BYTES);
  const matches = (signatures: readonly Signature[]) =>
    signatures.every(({ bytes, at = 0 }) => head.startsWith(bytes, at));
  if (head.length === 0)
    return { format: null, found: 'an empty file (0 bytes)', fix: 'Copy or download it again.' };
  if (head.startsWith('ftyp', 4)) return sniffBrand(head);
  for (const [format, ...signatures] of PICTURES) if (matches(signatures)) return { format };
  if (/^P[1-6]\s/.test(head)) return { format: NETPBM[head.slice(0, 2)] as ImageFormat };
  if (
    /^\s*(<\?xml[\s\S]*?)?(<!--[\s\S]*?-->|<!DOCTYPE svg[\s\S]*?>|\s)*<svg[\s>]/i.test(
      head.replace(/^ï»¿/, ''),
    )
  ) {
    return unread('an SVG drawing', 'Export it as PNG first: an SVG is a program that draws, not pixels.');
  }
  for (const [found, ...signatures] of UNREAD) if (matches(signatures)) return unread(found);
  for (const [found, ...signatures] of OTHERS) if (matches(signatures)) return noImage(found);
  // Text has no NUL and hardly any other control bytes.
  if (!/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(head)) return noImage('a text file');
  return { format: null, found: `not an image of a known format: it begins with ${hex(file)}` };
}

function sniffBrand(head: string): Sniffed {
  // `mif1` is shared by AVIF and HEIC; the compatible brands that follow tell them apart.
  const brands = head.slice(8, 64);
  if (brands.includes('avif') || brands.includes('avis')) return { format: 'avif' };
  if (HEIC_BRANDS.includes(head.slice(8, 12))) {
    return unread('a HEIC image', 'Convert it to JPEG or PNG: HEIC decoders are not free to ship.');
  }
  return noImage('a video or another ISO media file', 'Save one frame of it as PNG or JPEG.');
}

function hex(file: Buffer): string {
  return file
    .subarray(0, 8)
    .toString('hex')
    .replace(/(..)(?!$)/g, '$1 ');
}
