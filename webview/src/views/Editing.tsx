/** The input, edited by hand, below its strip: in a report, or where a face was looked for in vain. */
import { usePanel } from '../context';
import type { PanelState } from '../state/panel';
import { HandEditor } from './hand/HandEditor';
import type { ReportSection } from './Section';

/** Whether the input can be edited. */
export const canEdit = ({ report, failure }: PanelState): boolean =>
  report !== null || failure?.code === 'no-face';

/** While it is open: also over the run that it has begun. */
export function Editing() {
  const { state, view } = usePanel();
  return view.editing && (canEdit(state) || state.hand.picture !== null) ? <HandEditor /> : null;
}

export const editingSection: ReportSection = { place: 15, View: Editing };
