/** What a report's network looked at: words and names of files speak of a face only where one was looked for, or is what the steps are for. */

export type Subject = 'picture' | 'region' | 'face';

/**
 * @param detector what looked for a face; `none` nobody, `box` a person who gave a region
 * @param wavelet whether the steps have the wavelet of face crops
 */
export function subjectOf(detector: string, wavelet: boolean): Subject {
  if (wavelet) return 'face';
  if (detector === 'none') return 'picture';
  return detector === 'box' ? 'region' : 'face';
}
