/** From values to the entries of a color table. */

/** Slightly above 255, so that the largest value becomes 255 whatever its product with the scale rounds to. */
export const WHITE = 255 * (1 + 2 ** -40);
