/** Which platform and CPU a binary was made for, read from its first bytes. */

const elf = { 62: 'x64', 183: 'arm64', 40: 'arm', 3: 'ia32' };
const mach = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const pe = { 0x8664: 'x64', 0xaa64: 'arm64', 0x14c: 'ia32' };

/**
 * ELF (gABI 4.1, e_machine at 18), Mach-O (cputype at 4; `fat` files hold several), PE (machine after the header that
 * the field at 0x3c points to).
 * @param {Buffer} bytes
 * @returns {string | null} such as `linux-x64`; null for anything but a native binary
 */
export function nativeTarget(bytes) {
  if (bytes.length < 64) return null;
  const magic = bytes.readUInt32BE(0);
  if (magic === 0x7f454c46) return `linux-${elf[bytes.readUInt16LE(18)] ?? 'unknown'}`;
  if (magic === 0xcffaedfe) return `darwin-${mach[bytes.readUInt32LE(4)] ?? 'unknown'}`;
  if (magic === 0xcafebabe || magic === 0xcafebabf) return 'darwin-fat';
  if (bytes.readUInt16BE(0) === 0x4d5a) {
    const header = bytes.readUInt32LE(0x3c);
    if (header + 6 <= bytes.length && bytes.readUInt32BE(header) === 0x50450000)
      return `win32-${pe[bytes.readUInt16LE(header + 4)] ?? 'unknown'}`;
  }
  return null;
}
