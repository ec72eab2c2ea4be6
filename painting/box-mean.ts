/** The mean of the square around each pixel, row by row: `cv2.blur(image, (2 * radius + 1, 2 * radius + 1))`. */
import type { Interleaved } from './interleaved';

/**
 * Sums of columns move down with the rows, and a window moves along them, so that no row costs more for a larger square. Beyond the
 * border the picture is mirrored without its edge (OpenCV's BORDER_REFLECT_101). A mean is never halfway between two levels, since the
 * number of pixels is odd: rounding has one meaning.
 */
export class RowMeans {
  /** Of each column from -radius to width + radius, each channel: the sum over the rows of the window. */
  private readonly sums: Int32Array;
  /** Where each of those columns lies in the picture, in bytes of a row. */
  private readonly columns: Int32Array;
  /** Row of the window's middle; the sums are zero where there is none yet. */
  private at: number | null = null;
  /** The means of that row, once they were requested. */
  private readonly row: Uint8Array;

  constructor(
    private readonly image: Interleaved,
    private readonly radius: number,
  ) {
    const { width } = image;
    const count = width + 2 * radius;
    this.sums = new Int32Array(3 * count);
    this.columns = Int32Array.from({ length: count }, (_, i) => 3 * mirrored(i - radius, width));
    this.row = new Uint8Array(3 * width);
  }

  /** Levels of a whole row, interleaved; overwritten by the next call. */
  of(y: number): Uint8Array {
    if (this.at === y) return this.row;
    this.moveTo(y);
    const { row, sums } = this;
    const side = 2 * this.radius + 1;
    const factor = 1 / (side * side);
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0;
      for (let i = 0; i < side; i++) sum += sums[3 * i + channel] as number;
      for (let x = channel, next = 3 * side + channel; x < row.length; x += 3, next += 3) {
        row[x] = sum * factor + 0.5;
        sum += (sums[next] ?? 0) - (sums[x] as number);
      }
    }
    return row;
  }

  private moveTo(y: number): void {
    const { at, radius } = this;
    const down = at === null ? Infinity : y - at;
    if (down < 0 || down > 2 * radius) {
      this.sums.fill(0);
      for (let i = y - radius; i <= y + radius; i++) this.add(i, 1);
    } else
      for (let i = y - down; i < y; i++) {
        this.add(i - radius, -1);
        this.add(i + radius + 1, 1);
      }
    this.at = y;
  }

  private add(y: number, sign: 1 | -1): void {
    const { image, sums, columns } = this;
    const { data } = image;
    const start = 3 * image.width * mirrored(y, image.height);
    for (let i = 0, o = 0; i < columns.length; i++, o += 3) {
      const from = start + (columns[i] as number);
      sums[o] = (sums[o] as number) + sign * (data[from] as number);
      sums[o + 1] = (sums[o + 1] as number) + sign * (data[from + 1] as number);
      sums[o + 2] = (sums[o + 2] as number) + sign * (data[from + 2] as number);
    }
  }
}

/** Of an index beyond either end the one that it mirrors: -1 is 1, and `length` is `length` - 2. */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((index % period) + period) % period;
  return within < length ? within : period - within;
}
