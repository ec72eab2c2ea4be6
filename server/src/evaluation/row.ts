/** One picture's row of the table, and what is the same for all rows. */

/** Where a layer's heatmap is in what the network sees; formulas in heat.ts. */
export interface HeatSummary {
  /** Center of mass, 0..1 from the left and from the top; null for a heatmap without positive evidence. */
  readonly x: number | null;
  readonly y: number | null;
  /** Share of the mass in the outermost eighth on each side, 0..1; null as above. */
  readonly border: number | null;
  /** Share inside the requested box; null also without one. */
  readonly box: number | null;
  /** Share inside the face; null also if no face was looked for. */
  readonly face: number | null;
  /** Share inside the picture's mask; null also without one. */
  readonly mask: number | null;
  /** Shares of an 8 x 8 grid, row by row, which sum to 1; null as above. */
  readonly grid: readonly number[] | null;
}

/** One face of one frame of a video; a frame without a face has one row. */
export interface Moment {
  /** Seconds since the video's start. */
  readonly time: number;
  /** Number of the face's track, from 1; null where no face was looked for or found. */
  readonly face: number | null;
  /** x0, y0, x1, y1 in pixels of the frame; null as above. */
  readonly box: readonly [number, number, number, number] | null;
}

/** Numbers that are not finite are written as `NaN`, `Infinity` and `-Infinity` in JSON. */
export interface Row {
  /** Of the picture in the whole set, from 0. */
  readonly index: number;
  readonly path: string;
  /** As written; null for none. */
  readonly label: string | null;
  /** Class of the label; null if it is not a class. */
  readonly labelIndex: number | null;
  /** Of the file, in hex; null where it could not be read. */
  readonly sha256: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Difference hash in hex: see duplicates/dhash.ts. Rows of earlier versions have none. */
  readonly dhash?: string;
  /** What the network sees: x0, y0, x1, y1 as shares of the picture, below 0 and above 1 where it is padded. */
  readonly view: readonly [number, number, number, number] | null;
  readonly predicted: string | null;
  readonly predictedIndex: number | null;
  /** Probability of the predicted class. */
  readonly confidence: number | null;
  readonly correct: boolean | null;
  /** Cross-entropy, in nats: see loss.ts. */
  readonly loss: number | null;
  /** One for each class; null where there are none. */
  readonly probabilities: readonly number[] | null;
  /** In the order of `TableHead.layers`. */
  readonly heat: readonly (HeatSummary | null)[];
  /** Marks of those layers: `nan`, `dead` and the like. */
  readonly health: readonly (readonly string[])[];
  /** Codes of warnings about this picture. */
  readonly warnings: readonly string[];
  /** Why there is no verdict; null where there is one. */
  readonly error: string | null;
  /** For rows of a video: where in it. */
  readonly moment?: Moment;
}

/** What determines the rows besides the pictures: equal heads give equal rows. */
export interface TableHead {
  readonly version: 1;
  readonly software: string;
  readonly model: {
    readonly name: string;
    readonly sha256: string;
    readonly architecture: string;
    /** Hashes of the files beside it that hold weights; left out where there are none. */
    readonly beside?: readonly string[];
  };
  /** `single`, `binary` or `multi`. */
  readonly kind: string;
  readonly device: string;
  /** What the lens says, value by value. */
  readonly lens: readonly { readonly key: string; readonly value: unknown }[];
  readonly classes: readonly string[];
  readonly threshold: number | null;
  readonly target: string;
  readonly layers: readonly string[];
  readonly method: string | null;
  /** x0, y0, x1, y1 as shares of the picture; null for none. */
  readonly attentionBox: readonly [number, number, number, number] | null;
  /** Whether heatmaps were measured in masks. */
  readonly attentionMask: boolean;
  readonly labelled: boolean;
  /** For a multi-label network and set: each label's class. */
  readonly several?: Readonly<Record<string, number>>;
  /** For a video, which frames were analyzed. */
  readonly video?: {
    readonly sha256: string;
    /** Seconds; null where the file does not say it. */
    readonly duration: number | null;
    /** Seconds between frames; 0 for every frame. */
    readonly every: number;
    readonly most: number;
    /** How the video's score is made: see video/video-request.ts. */
    readonly aggregate: 'sbi' | 'mean';
  };
  /** Of paths and labels of the whole set. */
  readonly set: { readonly count: number; readonly sha256: string };
}
