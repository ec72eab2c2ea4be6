/** What can be done with the report in view, beside its tab and in the palette. */
import { window } from 'vscode';
import type { ActiveReport } from '../panel/active';
import type { ReportView } from '../panel/reportView';
import { t } from '../l10n';

/** Runs an action on the report in view, or says that there is none. */
export const onReport =
  (active: ActiveReport, act: (view: ReportView) => Promise<void>) => async (): Promise<void> => {
    const { view } = active;
    if (view) await act(view);
    else void window.showInformationMessage(t('No report is open. Analyze an image first.'));
  };

export const analyzeAgain = (view: ReportView): Promise<void> =>
  view.answer({ type: 'retry', detector: null });

export const openImage = (view: ReportView): Promise<void> => view.answer({ type: 'open', what: 'image' });

export function copySummary(view: ReportView): Promise<void> {
  if (view.shown !== null) view.askSummary();
  else
    void window.showInformationMessage(t('The report is not complete yet: the analysis is still running.'));
  return Promise.resolve();
}

/** A row of the list of reports that was clicked; else the report whose panel has the focus. */
export function clickedOrFocused(active: ActiveReport, clicked: unknown): unknown {
  if (clicked !== null && typeof clicked === 'object' && 'folder' in clicked) return clicked;
  const folder = active.focused?.shown;
  return folder === undefined || folder === null ? clicked : { folder };
}
