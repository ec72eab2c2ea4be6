/** Opens the report that was shown last. */
import { basename } from 'node:path';
import { window } from 'vscode';
import { readReportFolder } from '../../../files/report-folder';
import type { Panels } from '../panel/panels';
import type { Services } from '../services';
import { showFailure } from './failure';
import { t } from '../l10n';

export async function openLastReport(services: Services, panels: Panels): Promise<void> {
  const { mark } = services.lastReport;
  if (!mark) {
    void window.showInformationMessage(
      t('There is no report yet. Right-click an image and choose “Analyze with Inference Lens”.'),
    );
    return;
  }
  const report = await readReportFolder(mark.folder);
  if (!report.ok) return showFailure(services, report.failure);
  panels.show(mark.folder, basename(report.value.input.path));
}
