/** The picture of a file for an analysis: the one that the workbench recalls, or decoded. */
import type { DecodedImage } from '../imaging/decode';
import { decodeImage } from '../imaging/decode';
import type { RunHooks } from './run-context';
import type { Workbench } from './workbench/workbench';

/** @throws LensError of kind `image` */
export function readPicture(
  path: string,
  { recall }: Pick<Workbench, 'recall'>,
  { signal, allowHuge }: Pick<RunHooks, 'allowHuge'> & { readonly signal?: AbortSignal | undefined },
): Promise<DecodedImage> {
  const limit = allowHuge === true ? { maxPixels: Infinity } : {};
  const decode = () => decodeImage(path, { signal, ...limit });
  return recall?.decode(path, decode) ?? decode();
}
