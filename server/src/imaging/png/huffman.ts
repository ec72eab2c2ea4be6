/**
 * Huffman codes as deflate requires them (RFC 1951, 3.2.2): canonical, of bounded length, written lowest bit
 * first.
 */

/**
 * Code lengths for symbols of the given frequencies: Huffman's, then shortened to `limit` bits by lengthening the rarest
 * codes that are shorter, which costs next to nothing where few are too long. A symbol of frequency 0 gets no code (0).
 * Needs at least two symbols, and 2^limit of them at most.
 */
export function codeLengths(frequencies: Uint32Array, limit: number): Uint8Array {
  const ascending = byFrequency(frequencies);
  const depths = treeDepths(ascending.map((key) => Math.floor(key / KEY)));

  // Kraft's sum in units of the longest code: at most `full` can be distinguished.
  const full = 2 ** limit;
  let sum = 0;
  for (let i = 0; i < depths.length; i++) {
    depths[i] = Math.min(depths[i] as number, limit);
    sum += full >> (depths[i] as number);
  }
  for (let i = 0; sum > full;) {
    const depth = depths[i] as number;
    if (depth === limit) {
      i++;
      continue;
    }
    depths[i] = depth + 1;
    sum -= full >> (depth + 1);
  }
  // Decoders require a complete code: the code space that has become free goes to the most frequent symbols
  // that it fits.
  for (let i = depths.length - 1; sum < full && i >= 0;) {
    const gain = full >> (depths[i] as number);
    if (sum + gain > full) {
      i--;
      continue;
    }
    depths[i] = (depths[i] as number) - 1;
    sum += gain;
  }
  const lengths = new Uint8Array(frequencies.length);
  for (let i = 0; i < depths.length; i++) lengths[(ascending[i] as number) % KEY] = depths[i] as number;
  return lengths;
}

/** More than there are symbols. */
const KEY = 512;

/** `frequency * KEY + symbol` of the symbols that occur, ascending: numbers sort many times faster than by a comparison. */
function byFrequency(frequencies: Uint32Array): Float64Array {
  const keys = new Float64Array(frequencies.length);
  let count = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    const frequency = frequencies[symbol] as number;
    if (frequency > 0) keys[count++] = frequency * KEY + symbol;
  }
  return keys.subarray(0, count).sort();
}

/** Depth of each leaf in Huffman's tree, by the two-queue method. @param weights ascending, two or more */
function treeDepths(weights: Float64Array): Uint8Array {
  const leaves = weights.length;
  const nodes = 2 * leaves - 1;
  const weight = new Float64Array(nodes);
  const parent = new Uint16Array(nodes);
  weight.set(weights);
  // Both queues are ascending: leaves as given, inner nodes as they are made.
  let leaf = 0;
  let inner = leaves;
  for (let made = leaves; made < nodes; made++) {
    for (let child = 0; child < 2; child++) {
      const takeLeaf =
        leaf < leaves && (inner === made || (weight[leaf] as number) <= (weight[inner] as number));
      const taken = takeLeaf ? leaf++ : inner++;
      weight[made] = (weight[made] as number) + (weight[taken] as number);
      parent[taken] = made;
    }
  }
  const depth = new Uint8Array(nodes);
  for (let node = nodes - 2; node >= 0; node--) depth[node] = (depth[parent[node] as number] as number) + 1;
  return depth.slice(0, leaves);
}

/** `code << 4 | length` by symbol, the code's bits in the order in which they are written. Lengths up to 15. */
export function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const counts = new Uint32Array(16);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  counts[0] = 0;
  // The first code of a length follows the last one of those that are shorter.
  const next = new Uint32Array(16);
  for (let length = 1; length < 16; length++) {
    next[length] = ((next[length - 1] as number) + (counts[length - 1] as number)) << 1;
  }
  const codes = new Uint32Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    const code = next[length] as number;
    next[length] = code + 1;
    codes[symbol] = (reversed(code, length) << 4) | length;
  }
  return codes;
}

/** The lowest `bits` of a code of 16 at most, last to first. */
function reversed(code: number, bits: number): number {
  let all = ((code & 0x5555) << 1) | ((code >>> 1) & 0x5555);
  all = ((all & 0x3333) << 2) | ((all >>> 2) & 0x3333);
  all = ((all & 0x0f0f) << 4) | ((all >>> 4) & 0x0f0f);
  all = ((all & 0x00ff) << 8) | (all >>> 8);
  return all >>> (16 - bits);
}
