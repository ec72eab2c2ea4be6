/** Text of files that others wrote. */
import { FileRefusal } from './regular-file';

/** UTF-16 by its marks, as PowerShell and Windows' editors write it. */
const MARKED = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/**
 * UTF-8, or UTF-16 where its mark says so: another encoding cannot be told from bytes, and guessing it would change names.
 * @throws FileRefusal for bytes that are neither
 */
export function textOfBytes(bytes: Uint8Array): string {
  const encoding =
    MARKED.find(({ mark }) => mark.every((byte, at) => bytes[at] === byte))?.encoding ?? 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Not of this encoding: below.
  }
  throw new FileRefusal('found bytes that are no text in UTF-8');
}
