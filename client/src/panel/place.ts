/** In which of the editor's columns reports open, and what is opened from them: reports stand together, beside what is read or written. */
import { TabInputCustom, TabInputWebview, ViewColumn, window, type Tab, type TabGroup } from 'vscode';

export const panelType = 'inferenceLens.report';
/** Opens by itself for the folders that this project writes, on request for any other report.json. */
export const editorTypes = ['inferenceLens.reportFile', 'inferenceLens.anyReportFile'] as const;

/** The editor puts a prefix of its own before the type of a webview. */
const isReport = ({ input }: Tab): boolean =>
  (input instanceof TabInputWebview && input.viewType.endsWith(panelType)) ||
  (input instanceof TabInputCustom && editorTypes.some((type) => type === input.viewType));

const holdsReports = ({ tabs }: TabGroup): boolean => tabs.some(isReport);

/** The column that holds a report already, the active one first; else beside what is in use. */
export function reportColumn(): ViewColumn {
  const { activeTabGroup, all } = window.tabGroups;
  return [activeTabGroup, ...all].find(holdsReports)?.viewColumn ?? ViewColumn.Beside;
}

/** A column that hides no report: one without any, else a new one. */
export function otherColumn(): ViewColumn {
  return window.tabGroups.all.find((group) => !holdsReports(group))?.viewColumn ?? ViewColumn.Beside;
}

/** Of a tab: whose report it is, and that it is not the image itself. */
export const tabTitle = (name: string): string => `${name} (Lens)`;
