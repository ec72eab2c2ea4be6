/** Kernels of convolutions in blocks of channels, whose elements lie elsewhere in another kernel. */

/**
 * @param source floats, at any address
 * @param outputs int32: what each output channel adds to the place of an element; likewise `inputs` and `taps`
 * @param out (outputs / block, inputs / block, taps, block of inputs, block of outputs); what fills up a block is left as it is
 */
export function blocks(
  source: usize,
  outputs: usize,
  outputCount: i32,
  inputs: usize,
  inputCount: i32,
  taps: usize,
  tapCount: i32,
  block: i32,
  out: usize,
): void {
  const inputBlocks = (inputCount + block - 1) / block;
  // Input by input, which are the rows of the source: each is read once, from its beginning to its end.
  for (let input = 0; input < inputCount; input += block) {
    const inputEnd = min(input + block, inputCount);
    for (let output = 0; output < outputCount; output += block) {
      const outputEnd = outputs + ((<usize>min(output + block, outputCount)) << 2);
      const first = <usize>((output / block) * inputBlocks + input / block) * tapCount;
      for (let tap = 0; tap < tapCount; tap++) {
        const reached = load<i32>(taps + ((<usize>tap) << 2));
        let to = out + (((first + tap) * block * block) << 2);
        for (let i = input; i < inputEnd; i++, to += (<usize>block) << 2) {
          const row = source + ((<usize>(load<i32>(inputs + ((<usize>i) << 2)) + reached)) << 2);
          let at = to;
          for (let o = outputs + ((<usize>output) << 2); o < outputEnd; o += 4, at += 4)
            store<i32>(at, load<i32>(row + ((<usize>load<i32>(o)) << 2)));
        }
      }
    }
  }
}
