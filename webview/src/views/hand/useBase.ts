/** The file's own picture with its pixels, to paint on: of the report, else what the editor sends of the image. */
import { useEffect, useState } from 'preact/hooks';
import type { FilePicture } from '../../../../protocol/requests';
import type { Size } from '../../state/hand';
import { decodeBase64 } from '../../picture/floatMap';

export interface Base {
  /** Of the file. */
  readonly size: Size;
  /** What is shown, at most SIDE pixels long. */
  readonly pixels: { readonly width: number; readonly height: number; readonly data: Uint8Array };
}

const SIDE = 1600;

/** @param address of the report's picture of the file; null where there is no report */
export function useBase(address: string | null, file: FilePicture | null): Base | null {
  const [base, setBase] = useState<Base | null>(null);
  useEffect(() => {
    let over = false;
    const keep = (loaded: Base | null) => {
      if (!over && loaded !== null) setBase(loaded);
    };
    if (address !== null) void fromAddress(address).then(keep);
    else if (file !== null) void fromFile(file).then(keep);
    return () => {
      over = true;
    };
  }, [address, file]);
  return base;
}

async function fromAddress(address: string): Promise<Base | null> {
  const image = new Image();
  image.crossOrigin = 'anonymous'; // as in hooks/crop.ts
  image.src = address;
  try {
    await image.decode();
  } catch {
    return null;
  }
  return baseOf(image, { width: image.naturalWidth, height: image.naturalHeight });
}

async function fromFile({ png, width, height }: FilePicture): Promise<Base | null> {
  try {
    const blob = new Blob([decodeBase64(png)], { type: 'image/png' });
    const bitmap = await createImageBitmap(blob);
    const base = baseOf(bitmap, { width, height });
    bitmap.close();
    return base;
  } catch {
    return null;
  }
}

function baseOf(image: CanvasImageSource, size: Size): Base | null {
  const scale = Math.min(1, SIDE / Math.max(size.width, size.height));
  const [width, height] = [size.width, size.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = document.createElement('canvas');
  canvas.width = width ?? 1;
  canvas.height = height ?? 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const rgba = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const data = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, o = 0; i < rgba.length; i += 4, o += 3) {
    data[o] = rgba[i] as number;
    data[o + 1] = rgba[i + 1] as number;
    data[o + 2] = rgba[i + 2] as number;
  }
  return { size, pixels: { width: canvas.width, height: canvas.height, data } };
}
