/** Rounding halves to the even neighbor: C's `lrint`, OpenCV's `cvRound`, NumPy's `rint`. */

export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return rest < 0.5 ? floor : floor + 1;
}
