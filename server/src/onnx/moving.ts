/** Operators whose results are unchanged elements of their inputs: declared once for everything that looks through them. */

/** The result has every element of the first input once, in any shape and order. */
export const KEEPS_ELEMENTS: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose'],
]);

/** The result has elements of the first input, each any number of times. */
export const PICKS_ELEMENTS: ReadonlySet<string> = new Set([
  ...KEEPS_ELEMENTS,
  ...[
    'Slice',
    'Gather',
    'GatherElements',
    'GatherND',
    'Expand',
    'Tile',
    'Split',
    'DepthToSpace',
    'SpaceToDepth',
  ],
]);
