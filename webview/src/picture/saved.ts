/** Pictures of the report's folder as files to be saved, with the pixels that the engine drew. */
import { toBase64 } from './exported';

/** PNG as base64. @param address of a picture that the page may load @throws where it cannot be loaded */
export async function pngAt(address: string): Promise<string> {
  const image = new Image();
  image.crossOrigin = 'anonymous'; // the report's pictures come from another origin, which lets them be read
  image.src = address;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  canvas.getContext('2d')?.drawImage(image, 0, 0);
  const file = await canvas.convertToBlob({ type: 'image/png' });
  return toBase64(new Uint8Array(await file.arrayBuffer()));
}
