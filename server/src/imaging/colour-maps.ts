/** Colour maps by name: 256 RGB colours each, the same as OpenCV's. */

import { COLOUR_TABLES_BASE64 } from './colour-map-tables';

/** 256 colours: `table[level * 3 + channel]`, RGB. Also a PNG palette as it is. */
export type ColourTable = Uint8Array;

export type ColourMapName = keyof typeof COLOUR_TABLES_BASE64 | 'grey';

const decode = (base64: string): ColourTable => new Uint8Array(Buffer.from(base64, 'base64'));

/**
 * `jet` colours heatmaps (`cv2.COLORMAP_JET`), `viridis` activations (`cv2.COLORMAP_VIRIDIS`); the others are for
 * readers who cannot tell JET's ends apart or want an even lightness.
 */
export const COLOUR_MAPS: Readonly<Record<ColourMapName, ColourTable>> = Object.freeze({
  jet: decode(COLOUR_TABLES_BASE64.jet),
  viridis: decode(COLOUR_TABLES_BASE64.viridis),
  magma: decode(COLOUR_TABLES_BASE64.magma),
  inferno: decode(COLOUR_TABLES_BASE64.inferno),
  turbo: decode(COLOUR_TABLES_BASE64.turbo),
  grey: Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)),
});
