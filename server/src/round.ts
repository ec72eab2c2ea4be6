/** Rounding halves to the even neighbor: C's `lrint`, OpenCV's `cvRound`, Python's `round`, NumPy's `rint`, ONNX's `Round`. */

export function roundHalfEven(x: number): number {
  if (x - Math.floor(x) !== 0.5) return Math.round(x);
  const even = 2 * Math.round(x / 2);
  // -0.5 rounds to -0.
  return even === 0 ? 0 * x : even;
}
