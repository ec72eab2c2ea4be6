/**
 * What a report's network looked at. Texts and file names mention a face only where one was looked for, or
 * where the steps are made for faces.
 */

export type Subject = 'picture' | 'region' | 'face';

/**
 * @param detector what looked for a face; `none` if nothing did, `box` if a region was given by hand
 * @param wavelet whether the steps have the wavelet of face crops
 */
export function subjectOf(detector: string, wavelet: boolean): Subject {
  if (wavelet) return 'face';
  if (detector === 'none') return 'picture';
  return detector === 'box' ? 'region' : 'face';
}
