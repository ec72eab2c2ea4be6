/** A picture of a report, small enough to be looked at by a model. */
import { join } from 'node:path';
import type { ToolPart } from '../../../protocol/agent-tools';
import { decodeImage } from '../imaging/decode';
import { encodeRgbPng } from '../imaging/png/png';
import { resizeRgb } from '../imaging/resize';

/** Longest side in pixels. */
const LONGEST_SIDE = 448;

/** @param name of a file that the report names, below its folder */
export async function smallPicture(folder: string, name: string): Promise<ToolPart> {
  const { image } = await decodeImage(join(folder, name));
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  const small = scale === 1 ? image : resizeRgb(image, width ?? 1, height ?? 1);
  const png = await encodeRgbPng(small);
  return { type: 'image', data: png.toString('base64'), mimeType: 'image/png' };
}
