/** Where the page loads pictures of the report from. */
import type { PanelState } from './panel';

/** Address of a file of the report folder; every part of the path is escaped, so `#`, `%` and `?` are safe. */
export function pictureAddress(state: Pick<PanelState, 'base'>, path: string): string {
  return `${state.base}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Likewise of a picture of the input or a step, to be shown: where the file was loaded before, that address. */
export const stepAddress = (state: PanelState, path: string): string =>
  pictureAddress({ base: state.stepsBase }, path);
