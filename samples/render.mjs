/** Renders the drawn samples to PNG: `node samples/render.mjs` (sharp's SVG renderer; no fonts are used). */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

await sharp(here('portrait.svg'))
  .resize(640, 640)
  .flatten({ background: '#000000' })
  .removeAlpha()
  .png({ compressionLevel: 9, adaptiveFiltering: true })
  .toFile(here('portrait.png'));
