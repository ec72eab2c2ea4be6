/** What a screen reader says of a run as it goes: one sentence a stage, so that nobody hears every picture. */
import { shownReport, type PanelState } from '../state/panel';
import { verdictText } from './verdict';
import { t } from '../l10n';

const nameOf = (path: string | null): string => path?.split(/[\\/]/).at(-1) ?? '';

/** The sentence for what is in view; it changes only where the stage does. Failures speak for themselves. */
export function announcement(state: PanelState): string {
  const { image, report, running, failure } = state;
  const name = nameOf(image);
  if (failure) return '';
  if (report) {
    if (running) return t('Analyzing {0} again. The earlier report stays in view.', name);
    return t('The report of {0} is complete: predicted {1}.', name, verdictText(report.classifier));
  }
  if (!running) return '';
  const partial = shownReport(state);
  if (partial?.classifier)
    return t('Predicted {0}. The pictures of the layers are being drawn.', verdictText(partial.classifier));
  if (partial?.detection && partial.preprocess)
    return t('Input and preprocessing are shown. Heatmaps are being computed.');
  return t('Analyzing {0}.', name);
}
