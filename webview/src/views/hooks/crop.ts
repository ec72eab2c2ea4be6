/** The picture under the colors, with its pixels: loaded once for all layers. */
import { useEffect, useState } from 'preact/hooks';
import type { CropPicture } from '../../picture/crop';

/**
 * @param address null where there is none yet
 * @param isReplaced called with the address where nothing can be loaded; whether another address replaces it
 */
export function useCropPicture(
  address: string | null,
  isReplaced: (address: string) => boolean,
): CropPicture | null {
  const [crop, setCrop] = useState<{ readonly address: string; readonly picture: CropPicture } | null>(null);
  useEffect(() => {
    if (address === null) return undefined;
    let wanted = true;
    void load(address).then((picture) => {
      if (!wanted) return;
      if (picture) setCrop({ address, picture });
      else isReplaced(address);
    });
    return () => {
      wanted = false;
    };
  }, [address, isReplaced]);
  return crop?.address === address ? crop.picture : null;
}

/** Null where it cannot be loaded: the colors alone are still worth showing. */
async function load(address: string): Promise<CropPicture | null> {
  const image = new Image();
  image.crossOrigin = 'anonymous'; // the report's pictures come from another origin, which lets them be read
  image.src = address;
  try {
    await image.decode();
  } catch {
    return null;
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  return { image, width, height, pixels: pixelsOf(image, width, height) };
}

function pixelsOf(
  image: HTMLImageElement,
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> | null {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(image, 0, 0);
  try {
    return context ? context.getImageData(0, 0, width, height).data : null;
  } catch {
    return null;
  }
}
