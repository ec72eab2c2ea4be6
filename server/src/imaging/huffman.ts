/** Huffman codes as deflate wants them (RFC 1951, 3.2.2): canonical, of bounded length, written lowest bit first. */

/**
 * Code lengths for symbols of the given frequencies: Huffman's, then shortened to `limit` bits by lengthening the rarest
 * codes that are shorter, which costs next to nothing where few are too long. A symbol of frequency 0 gets no code (0).
 * Needs at least two symbols, and 2^limit of them at most.
 */
export function codeLengths(frequencies: Uint32Array, limit: number): Uint8Array {
  const symbols = Array.from(frequencies.keys()).filter((symbol) => frequencies[symbol] !== 0);
  symbols.sort((a, b) => (frequencies[a] as number) - (frequencies[b] as number) || a - b);
  const depths = treeDepths(Uint32Array.from(symbols, (symbol) => frequencies[symbol] as number));

  // Kraft's sum in units of the longest code: at most `full` can be told apart.
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
  // Decoders want every sequence of bits to mean something: what has become free goes to the most frequent that it fits.
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
  symbols.forEach((symbol, i) => (lengths[symbol] = depths[i] as number));
  return lengths;
}

/** Depth of each leaf in Huffman's tree, by the two-queue method. @param weights ascending, two or more */
function treeDepths(weights: Uint32Array): Uint8Array {
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
  const codes = new Uint32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    code <<= 1;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = (reversed(code++, length) << 4) | length;
    }
  }
  return codes;
}

function reversed(code: number, bits: number): number {
  let out = 0;
  for (let i = 0; i < bits; i++) out |= ((code >>> i) & 1) << (bits - 1 - i);
  return out;
}
