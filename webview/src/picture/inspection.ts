/** What the inspector's parts share: where the reader points, and the raw maps that lie there. */
import type { FloatMap } from './floatMap';

/** A point of the picture, 0..1 from its top left corner. */
export interface Cursor {
  readonly u: number;
  readonly v: number;
}

export interface LayerMaps {
  /** Channel mean of the activation; of a layer without height and width its values as one row. */
  readonly activation: FloatMap | null;
  /** The class activation map before ReLU; likewise activation times gradient. */
  readonly cam: FloatMap | null;
}
