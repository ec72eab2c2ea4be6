/** The one door to sharp (libvips): no operation cache, because every picture here is read once. */

import sharp from 'sharp';

sharp.cache(false);

export { sharp };
