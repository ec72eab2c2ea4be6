/** Messages as they come from the editor: a report is read once more, since a page that throws while it draws is a blank one. */
import type { ToPanel } from '../../../protocol/panel';
import { readReport } from '../../../protocol/read-report';
import { t } from '../l10n';

/** The message, or, where its report is none, that it cannot be shown. */
export function checked(message: ToPanel): ToPanel {
  if (message.type !== 'report') return message;
  const read = readReport(message.report);
  if (read.ok) return message;
  const failure = {
    kind: 'usage',
    code: 'no-report',
    message: t('{0}/report.json: {1}.', message.folder, read.fault),
    fix: read.fix,
  } as const;
  return { type: 'unreadable', failure };
}
