/** How a layer's tensor is laid out: what of it are channels, and what are positions of a picture. */

/** Axes of a tensor: N batch, C channels, H height, W width, T tokens. */
export type Axes = 'NCHW' | 'NHWC' | 'NTC' | 'NCT';

export interface MapForm {
  readonly kind: 'map';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** NCHW where it is left out. */
  readonly axes?: Axes;
  /** Of tokens: those before the grid of patches (class and register tokens). */
  readonly skipped?: number;
}

export type LayerForm =
  /** Maps are height x width. */
  | MapForm
  /** (N, C): each channel is a position of its own, and nothing is summed over channels. */
  | { readonly kind: 'vector'; readonly channels: number };

/** The form of a shape whose axes are not known otherwise; null where no CAM is defined for it. */
export function formOf(shape: readonly number[]): LayerForm | null {
  const [, channels = 0, height = 0, width = 0] = shape;
  if (shape.length === 4) return { kind: 'map', channels, height, width };
  return shape.length === 2 ? { kind: 'vector', channels } : null;
}

/** Positions of a map, or the one of a vector's channel. */
export const positionsOf = (form: LayerForm): number => (form.kind === 'map' ? form.height * form.width : 1);
