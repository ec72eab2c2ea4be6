/** Operators whose results are elements of what they read, as they are: declared once for all who look through them. */

/** The result has every element of the first input once, in whatever shape and order. */
export const KEEPS_ELEMENTS: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose'],
]);

/** The result has elements of the first input, of some several or none. */
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
