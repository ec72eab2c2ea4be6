/** What a screen reader says of a run as it goes: one sentence a stage, so that nobody hears every picture. */
import { shownReport, type PanelState } from '../state/panel';
import { verdictText } from './verdict';

const nameOf = (path: string | null): string => path?.split(/[\\/]/).at(-1) ?? '';

/** The sentence for what is in view; it changes only where the stage does. Failures speak for themselves. */
export function announcement(state: PanelState): string {
  const { image, report, running, failure } = state;
  const name = nameOf(image);
  if (failure) return '';
  if (report) {
    if (running) return `Analyzing ${name} again. The earlier report stays in view.`;
    return `The report of ${name} is complete: predicted ${verdictText(report.classifier)}.`;
  }
  if (!running) return '';
  const partial = shownReport(state);
  if (partial?.classifier)
    return `Predicted ${verdictText(partial.classifier)}. The pictures of the layers are being drawn.`;
  if (partial?.detection && partial.preprocess)
    return 'Input and preprocessing are shown. Heatmaps are being computed.';
  return `Analyzing ${name}.`;
}
