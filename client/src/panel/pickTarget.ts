/** Another class to explain, by its name: typing filters, the most probable come first. */
import { window } from 'vscode';
import type { Report } from '../../../protocol/report';
import { ClassNames } from '../../../protocol/target';
import { percent, t } from '../l10n';

/** @param use given what a target takes; not called where nothing was picked */
export async function pickTarget(
  report: Report | null,
  use: (target: string) => Promise<void>,
): Promise<void> {
  if (report === null) return;
  const { labels, probabilities, predicted } = report.classifier;
  const names = new ClassNames(labels);
  const items = labels
    .map((label, index) => ({ label, index, probability: Number(probabilities?.[index] ?? 0) }))
    .sort((a, b) => b.probability - a.probability)
    .map(({ label, index, probability }) => ({
      label,
      description: [...(probabilities === null ? [] : [percent(probability)]), t('class {0}', index)].join(
        ' · ',
      ),
      ...(index === predicted.index ? { detail: t('predicted') } : {}),
      // Two classes may share a name: ImageNet has two cranes.
      target: names.targetOf(index),
    }));
  const title = t('Which class should the heatmaps explain?');
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder: t('Type a part of its name'),
    matchOnDescription: true,
  });
  if (chosen !== undefined) await use(chosen.target);
}
