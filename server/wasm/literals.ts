/** Literals under a Huffman code (RFC 1951, 3.2): which bytes there are, and their codes one after another. */

/**
 * Counts the bytes of the first `piece` in every `step` into 256 uint32 at `counts`.
 * @param tables room for four tables like `counts`: a counter's increment waits for the last one of the same counter
 */
export function count(data: usize, length: i32, piece: i32, step: i32, tables: usize, counts: usize): void {
  memory.fill(tables, 0, 4096);
  for (let start = 0; start < length; start += step) {
    let at = data + <usize>start;
    const end = at + <usize>min(piece, length - start);
    for (; at + 4 <= end; at += 4) {
      const four = load<u32>(at);
      increment(tables, four & 255);
      increment(tables + 1024, (four >>> 8) & 255);
      increment(tables + 2048, (four >>> 16) & 255);
      increment(tables + 3072, four >>> 24);
    }
    for (; at < end; at++) increment(tables, load<u8>(at));
  }
  for (let i: usize = 0; i < 1024; i += 16) {
    const upper = i32x4.add(v128.load(tables + i), v128.load(tables + i, 1024));
    const lower = i32x4.add(v128.load(tables + i, 2048), v128.load(tables + i, 3072));
    v128.store(counts + i, i32x4.add(upper, lower));
  }
}

function increment(table: usize, byte: u32): void {
  const at = table + ((<usize>byte) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * The codes of every two bytes, first | second << 8, into 65,536 uint32 at `pairs`: the bits from bit 5 on, their number below.
 * @param codes `bits << 4 | length` by byte, uint32; at most 12 bits each, so that two and their number fit 32
 * @param powers room for two tables like `codes`
 */
export function pairCodes(codes: usize, powers: usize, pairs: usize): void {
  for (let i: usize = 0; i < 1024; i += 4) {
    const code = load<u32>(codes + i);
    store<u32>(powers + i, ((code >> 4) << 5) | (code & 15));
    store<u32>(powers + i, 32 << (code & 15), 1024);
  }
  for (let second: usize = 0; second < 1024; second += 4) {
    const code = load<u32>(codes + second);
    const bits = i32x4.splat(code >> 4);
    const length = i32x4.splat(code & 15);
    for (let first: usize = 0; first < 1024; first += 16) {
      const after = i32x4.mul(bits, v128.load(powers + first, 1024));
      v128.store(pairs + first, i32x4.add(i32x4.add(v128.load(powers + first), after), length));
    }
    pairs += 1024;
  }
}

/**
 * Writes the codes of all bytes from bit `bit` of `out` on, lowest bits first; bits before that in its byte stay.
 * @param pairs as `pairCodes` makes them: four codes and the seven bits that may wait before them fit 64
 * @returns the bit after them, which a float64 holds however many there are
 */
export function literals(data: usize, length: i32, codes: usize, pairs: usize, out: usize, bit: i32): f64 {
  const start = out;
  out += <usize>(bit >>> 3);
  let waiting = <u64>bit & 7;
  let bits = <u64>load<u8>(out) & (((<u64>1) << waiting) - 1);
  const end = data + <usize>length;
  for (; data + 4 <= end; data += 4) {
    const four = load<u32>(data);
    const ab = <u64>load<u32>(pairs + <usize>((four & 0xffff) << 2));
    const cd = <u64>load<u32>(pairs + <usize>((four >>> 16) << 2));
    bits |= ((ab >> 5) | ((cd >> 5) << (ab & 31))) << waiting;
    waiting += (ab & 31) + (cd & 31);
    store<u64>(out, bits);
    out += <usize>(waiting >> 3);
    bits >>= waiting & 56;
    waiting &= 7;
  }
  for (; data < end; data++) {
    const one = <u64>load<u32>(codes + ((<usize>load<u8>(data)) << 2));
    bits |= (one >> 4) << waiting;
    waiting += one & 15;
    store<u32>(out, <u32>bits);
    out += <usize>(waiting >> 3);
    bits >>= waiting & 56;
    waiting &= 7;
  }
  store<u8>(out, <u8>bits);
  return <f64>(out - start) * 8 + <f64>waiting;
}
