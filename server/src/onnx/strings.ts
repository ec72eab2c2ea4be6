/** String tensors in memory: each element is a little-endian uint32 length followed by that many bytes of UTF-8. */

/** Joins elements into the `data` of a string tensor. */
export function packStrings(elements: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(elements.reduce((sum, element) => sum + 4 + element.byteLength, 0));
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const element of elements) {
    view.setUint32(at, element.byteLength, true);
    packed.set(element, at + 4);
    at += 4 + element.byteLength;
  }
  return packed;
}

/** The elements of a string tensor's `data`, as views. */
export function* stringElements(packed: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let at = 0; at < packed.byteLength;) {
    const length = view.getUint32(at, true);
    yield packed.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}
