/** Which image libraries are at work, for reports and `doctor`. */

import { sharp } from './sharp';

export interface ImagingVersions {
  readonly sharp: string;
  /** libvips, which sharp drives. */
  readonly vips: string;
}

export function imagingVersions(): ImagingVersions {
  return { sharp: sharp.versions.sharp, vips: sharp.versions.vips };
}
