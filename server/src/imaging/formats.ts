/** Which picture format a file's first bytes announce, whatever its name says. */

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif' | 'bmp';

export const SUPPORTED_FORMATS = 'a JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP picture';

export type Sniffed =
  | { readonly format: ImageFormat }
  /** What the file is instead, as a noun phrase, and what can be done where we know better than "convert it". */
  | { readonly format: null; readonly found: string; readonly fix?: string };

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

const OTHERS: readonly (readonly [string, ...Signature[]])[] = [
  ['a PDF document', { bytes: '%PDF' }],
  ['a ZIP archive', { bytes: 'PK\x03\x04' }],
  ['a gzip archive', { bytes: '\x1f\x8b' }],
  ['a Photoshop document', { bytes: '8BPS' }],
  ['a JPEG XL picture', { bytes: '\xff\x0a' }],
  ['a JPEG XL picture', { bytes: '\0\0\0\x0cJXL ' }],
  ['a JPEG 2000 picture', { bytes: '\0\0\0\x0cjP  ' }],
  ['an OpenEXR picture', { bytes: 'v/1\x01' }],
  ['a Radiance HDR picture', { bytes: '#?RADIANCE' }],
  ['an icon', { bytes: '\0\0\x01\0' }],
  ['a NumPy array', { bytes: '\x93NUMPY' }],
  ['a RIFF file that is not WebP', { bytes: 'RIFF' }],
];

/** ISO base media brands (`ftyp`): AVIF is read, HEIC is not, the rest are films. */
const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1'];

export function sniffFormat(file: Buffer): Sniffed {
  const head = file.toString('latin1', 0, SNIFF_BYTES);
  const matches = (signatures: readonly Signature[]) =>
    signatures.every(({ bytes, at = 0 }) => head.startsWith(bytes, at));
  if (head.length === 0)
    return { format: null, found: 'an empty file (0 bytes)', fix: 'Copy or download it again.' };
  if (head.startsWith('ftyp', 4)) return sniffBrand(head);
  for (const [format, ...signatures] of PICTURES) if (matches(signatures)) return { format };
  if (
    /^\s*(<\?xml[\s\S]*?)?(<!--[\s\S]*?-->|<!DOCTYPE svg[\s\S]*?>|\s)*<svg[\s>]/i.test(
      head.replace(/^ï»¿/, ''),
    )
  ) {
    const fix = 'Export it as PNG first: an SVG is a program that draws, not pixels.';
    return { format: null, found: 'an SVG drawing', fix };
  }
  for (const [found, ...signatures] of OTHERS) if (matches(signatures)) return { format: null, found };
  // Text has no NUL and hardly any other control bytes.
  const text = !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(head);
  return { format: null, found: text ? 'text' : `unknown data (first bytes ${hex(file)})` };
}

function sniffBrand(head: string): Sniffed {
  // `mif1` is shared by AVIF and HEIC; the compatible brands that follow tell them apart.
  const brands = head.slice(8, 64);
  if (brands.includes('avif') || brands.includes('avis')) return { format: 'avif' };
  if (HEIC_BRANDS.includes(head.slice(8, 12))) {
    return {
      format: null,
      found: 'a HEIC picture',
      fix: 'Convert it to JPEG or PNG: HEIC decoders are not free to ship.',
    };
  }
  return {
    format: null,
    found: 'a film or another ISO media file',
    fix: 'Save one frame of it as PNG or JPEG.',
  };
}

function hex(file: Buffer): string {
  return file
    .subarray(0, 8)
    .toString('hex')
    .replace(/(..)(?!$)/g, '$1 ');
}
