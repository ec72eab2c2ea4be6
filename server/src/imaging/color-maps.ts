/** Color maps by name: 256 RGB colors each, the same as OpenCV's. */

import { COLOR_TABLES_BASE64 } from './color-map-tables';

/** 256 colors: `table[level * 3 + channel]`, RGB. Also a PNG palette as it is. */
export type ColorTable = Uint8Array;

export type ColorMapName = keyof typeof COLOR_TABLES_BASE64 | 'gray';

const decode = (base64: string): ColorTable => new Uint8Array(Buffer.from(base64, 'base64'));

/**
 * `jet` colors heatmaps (`cv2.COLORMAP_JET`), `viridis` activations (`cv2.COLORMAP_VIRIDIS`); the others are for
 * people who cannot tell JET's ends apart, or want even lightness.
 */
export const COLOR_MAPS: Readonly<Record<ColorMapName, ColorTable>> = Object.freeze({
  jet: decode(COLOR_TABLES_BASE64.jet),
  viridis: decode(COLOR_TABLES_BASE64.viridis),
  magma: decode(COLOR_TABLES_BASE64.magma),
  inferno: decode(COLOR_TABLES_BASE64.inferno),
  turbo: decode(COLOR_TABLES_BASE64.turbo),
  gray: Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)),
});
