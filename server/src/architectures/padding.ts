/** Zero padding of a square convolution window: PyTorch's symmetric rule and TensorFlow's "same" rule. */

/** Rows and columns of zeros added on each side, in pixels. */
export interface Padding {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const noPadding: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

/** `kernel >> 1` on every side, what torchvision and timm call the default for odd kernels; that many times the dilation. */
export function symmetricPadding(kernel: number, dilation = 1): Padding {
  const side = dilation * Math.floor(kernel / 2);
  return { top: side, left: side, bottom: side, right: side };
}

/**
 * TensorFlow's "same": the output has ceil(size / stride) rows, and an odd total puts the extra row at the end
 * (tf.nn.convolution). `height` and `width` are those of the image that the padding is computed for.
 */
export function samePadding(
  kernel: number,
  stride: number,
  height: number,
  width: number,
  dilation = 1,
): Padding {
  const window = dilation * (kernel - 1) + 1;
  const vertical = sameTotal(window, stride, height);
  const horizontal = sameTotal(window, stride, width);
  const top = Math.floor(vertical / 2);
  const left = Math.floor(horizontal / 2);
  return { top, left, bottom: vertical - top, right: horizontal - left };
}

function sameTotal(window: number, stride: number, size: number): number {
  return Math.max((Math.ceil(size / stride) - 1) * stride + window - size, 0);
}
