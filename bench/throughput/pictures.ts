/** Pictures as sets have them: JPEG of 800 x 600, 0.48 megapixels, each with noise of its own over the portrait. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { projectRoot } from '../../server/src/system/paths';

const [WIDTH, HEIGHT] = [800, 600];

/** @returns the folder */
export async function drawPictures(folder: string, count: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const portrait = await sharp(join(projectRoot(), 'samples', 'portrait.png'))
    .resize(WIDTH, HEIGHT, { fit: 'cover' })
    .toBuffer();
  for (let i = 0; i < count; i++) {
    const noise = { type: 'gaussian', mean: 128, sigma: 4 + (i % 8) } as const;
    const grain = await sharp({
      create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'gray', noise },
    })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const picture = sharp(portrait).composite([{ input: grain, blend: 'overlay' }]);
    await writeFile(
      join(folder, `${String(i).padStart(4, '0')}.jpg`),
      await picture.jpeg({ quality: 90 }).toBuffer(),
    );
  }
  return folder;
}
