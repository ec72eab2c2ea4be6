/** Renders the extension's icon from its drawing: `node scripts/icon.mjs` (sharp's SVG renderer; no fonts are used). */
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './setup.mjs';

const media = join(root, 'client', 'media');

await sharp(join(media, 'icon.svg'))
  .resize(128, 128)
  .png({ compressionLevel: 9, adaptiveFiltering: true })
  .toFile(join(media, 'icon.png'));
