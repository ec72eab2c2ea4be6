/** Several images: one progress, one way to stop, and a list of their reports at the end. */
import { basename } from 'node:path';
import { ProgressLocation, window } from 'vscode';
import type { Panels } from '../panel/panels';
import { batchLine, batchSummary, runBatch, type Batch } from '../report/batch';
import type { Services } from '../services';
import { t, whole } from '../l10n';

/** From this many on, the reader is asked first. */
const many = 20;

export async function analyzeMany(
  services: Services,
  panels: Panels,
  images: readonly string[],
): Promise<void> {
  if (images.length >= many) {
    const question = t('Analyze {0} images?', whole(images.length));
    const agreed = t('Analyze');
    if ((await window.showWarningMessage(question, { modal: true }, agreed)) !== agreed) return;
  }
  const batch = await runAll(services, images);
  if (batch.results.length === 0) return; // stopped before the first
  await showBatch(panels, batch);
}

async function runAll({ analyzer, lastReport, log }: Services, images: readonly string[]): Promise<Batch> {
  const options = { location: ProgressLocation.Notification, title: 'Inference Lens', cancellable: true };
  return window.withProgress(options, (progress, token) => {
    const share = 100 / images.length;
    let shown = 0;
    const report = (index: number, fraction: number) => {
      const message = t('{0} of {1}: {2}', index + 1, images.length, basename(images[index] ?? ''));
      const now = share * (index + fraction);
      progress.report({ message, increment: now - shown });
      shown = now;
    };
    const start = (image: string, index: number) => {
      report(index, 0);
      const job = analyzer.analyze(image, {}, { progress: ({ fraction }) => report(index, fraction) });
      const done = job.done.then(async (outcome) => {
        if (outcome.ok) await lastReport.set(outcome.value.report, outcome.value.folder);
        else if (outcome.failure.kind !== 'cancelled') log.error(`${image}: ${outcome.failure.message}`);
        return outcome;
      });
      return { done, cancel: job.cancel };
    };
    return runBatch(images, start, (stop) => {
      if (token.isCancellationRequested) stop();
      const listening = token.onCancellationRequested(stop);
      return () => {
        listening.dispose();
      };
    });
  });
}

/** A message rather than a list at once: the reader may have gone on to something else. */
async function showBatch(panels: Panels, batch: Batch): Promise<void> {
  const open = t('Show Reports');
  const whole = batch.results.length === batch.total && batch.results.every(({ outcome }) => outcome.ok);
  const show = whole ? window.showInformationMessage : window.showWarningMessage;
  if ((await show(batchSummary(batch), open)) !== open) return;
  const items = batch.results.map((result) => ({ ...batchLine(result), result }));
  const placeHolder = t('Choose a report to open, or an image that failed to try it again.');
  const item = await window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  if (!item) return;
  const { image, outcome } = item.result;
  if (outcome.ok) panels.show(outcome.value.folder, basename(image));
  else await panels.analyze(image);
}
