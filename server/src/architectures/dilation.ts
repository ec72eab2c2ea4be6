/**
 * Where a network stops halving its picture and dilates its kernels instead, as timm's `output_stride` and torchvision's
 * `replace_stride_with_dilation` do: each stride that would take the network beyond `limit` becomes 1, and what follows is dilated by as much more.
 * The first block of such a stage still has the dilation of the one before it.
 */
export class Strides {
  private reached: number;
  private dilation = 1;

  /** @param reached the stride before the first block */
  constructor(
    private readonly limit: number,
    reached: number,
  ) {
    this.reached = reached;
  }

  /** For each block in order: its stride, its own dilation, and that of the blocks after it. */
  next(stride: number): { readonly stride: number; readonly first: number; readonly dilation: number } {
    const first = this.dilation;
    if (stride === 1) return { stride, first, dilation: first };
    if (this.reached * stride > this.limit) {
      this.dilation *= stride;
      return { stride: 1, first, dilation: this.dilation };
    }
    this.reached *= stride;
    return { stride, first, dilation: this.dilation };
  }
}
