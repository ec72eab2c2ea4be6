/** NumPy's file format, version 1.0: a line that says type, order and shape, then the values. */

const ALIGNMENT = 64;

/** float32 in little-endian C order. @param values as many as the dimensions say */
export function npy(dims: readonly number[], values: Float32Array): Uint8Array<ArrayBuffer> {
  const shape = dims.length === 1 ? `${String(dims[0])},` : dims.join(', ');
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`;
  const prefix = 10; // magic, version, length of the header
  const header = `${description.padEnd(Math.ceil((prefix + description.length + 1) / ALIGNMENT) * ALIGNMENT - prefix - 1)}\n`;
  const file = new Uint8Array(prefix + header.length + 4 * values.length);
  const view = new DataView(file.buffer);
  file.set([0x93, ...Array.from('NUMPY', (c) => c.charCodeAt(0)), 1, 0]);
  view.setUint16(8, header.length, true);
  for (let i = 0; i < header.length; i++) file[prefix + i] = header.charCodeAt(i);
  for (const [i, value] of values.entries()) view.setFloat32(prefix + header.length + 4 * i, value, true);
  return file;
}
