/** Seeded values: the same on every machine, so that what is read from them is too. */

/** Uniform in [0, 1): mulberry32 (Tommy Ettinger, public domain), a 32-bit counter that is mixed. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Standard normal: Box and Muller's transform. */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Logits of several spreads and offsets: what softmax and sigmoid do near 0 and where they saturate. */
export function logitSamples(count: number, spreads: readonly number[]): readonly Float32Array[] {
  const offsets = [0, -1.5, 2];
  return spreads.flatMap((spread, i) =>
    offsets.map((offset, j) => {
      const next = normal(1 + 16 * i + j);
      return Float32Array.from({ length: count }, () => offset + spread * next());
    }),
  );
}

/** Pairs of samples: the second of each keeps every other logit of the first, and draws the rest again. */
export function maskedSamples(count: number): readonly Float32Array[] {
  return logitSamples(count, [0.5, 2, 8, 30]).flatMap((first, pair) => {
    const next = normal(1000 + pair);
    const second = first.map((value, i) => (i % 2 === pair % 2 ? value : 10 * next()));
    return [first, second];
  });
}
