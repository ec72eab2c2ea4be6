/** Which image libraries are at work, for reports and `doctor`. */

import { loadSharp } from './sharp';

export interface ImagingVersions {
  readonly sharp: string;
  /** libvips, which sharp drives. */
  readonly vips: string;
}

export function imagingVersions(): ImagingVersions {
  const { sharp, vips } = loadSharp().versions;
  return { sharp, vips };
}
