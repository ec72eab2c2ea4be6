/** What is expected of a network over a set of pictures: the `expect` of a lens or of a test file (`*.check.json`). */

export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

export const ATTENTION_PLACES = ['border', 'face', 'box', 'mask'] as const;

export interface ExpectedAttention extends Bounds {
  readonly layer: string;
  readonly in: (typeof ATTENTION_PLACES)[number];
  /** x0, y0, x1, y1 as shares of the picture; only of `box`. */
  readonly box?: readonly number[];
  /** `mean` where it is left out. */
  readonly over?: 'mean' | 'every';
}

export interface Expect {
  /** The class that every picture should get. */
  readonly verdict?: string;
  readonly accuracy?: Bounds;
  /** Of the verdict, in every picture. */
  readonly confidence?: Bounds;
  /** Of one class, in every picture. */
  readonly probability?: Bounds & { readonly of: string };
  readonly attention?: readonly ExpectedAttention[];
  /** Folder with a mask for each picture; of `"in": "mask"`. */
  readonly masks?: string;
  /** Patterns of layers whose activations hold no NaN and no infinity, and are not zero or even throughout. */
  readonly healthy?: readonly string[];
  /** Pictures that may fail to be evaluated; none where it is left out. */
  readonly failed?: { readonly most: number };
  readonly baseline?: { readonly rows: string; readonly tolerance?: number };
}

/** Within a lens, which says for itself how its network is fed: where the pictures are. */
export interface LensExpect extends Expect {
  /** Folder or manifest; if left out, it has to be named elsewhere. */
  readonly set?: string;
  /** Where their labels come from. */
  readonly labels?: string;
}

export interface CheckFile {
  readonly description?: string;
  readonly set?: string;
  readonly labels?: string;
  readonly lens?: string;
  readonly weights?: string;
  readonly expect: Expect;
}
