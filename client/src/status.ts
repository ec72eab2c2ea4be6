/** The status bar item: device and weights, in the warning color as long as the weights are untrained. */
import { Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window, workspace } from 'vscode';
import { commandIds } from './commands/ids';
import type { ReportMark } from './report/lastReport';
import type { Services } from './services';
import { DEVICE_CHOICES, titlesOf } from '../../protocol/vocabulary';
import { translated, t } from './l10n';
import { section, settings, type Settings } from './settings';

export function createStatus({ lastReport }: Services): Disposable {
  const item = window.createStatusBarItem('inferenceLens.status', StatusBarAlignment.Right, 90);
  item.name = 'Inference Lens';
  item.command = commandIds.menu;
  const update = () => {
    const { text, tooltip, warning } = statusOf(settings(), lastReport.mark);
    item.text = text;
    item.tooltip = new MarkdownString(tooltip);
    item.backgroundColor = warning ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  };
  const listening = [
    lastReport.onChange(update),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(section)) update();
    }),
  ];
  update();
  return Disposable.from(item, ...listening);
}

/** An analysis may have run on a device that a newer version knows. */
const deviceTitle = (id: string): string =>
  translated(Object.entries<string>(titlesOf(DEVICE_CHOICES)).find(([known]) => known === id)?.[1] ?? id);

function statusOf({ weights, device }: Settings, mark: ReportMark | undefined) {
  // Weights that were chosen but never used count as trained until a report says otherwise.
  const current = mark !== undefined && (weights === null || weights === mark.weights) ? mark : undefined;
  const untrained = current?.untrained ?? weights === 'demo';
  const name = untrained ? t('demo weights') : (weights ?? current?.weights ?? t('default weights'));
  const ran = current === undefined ? null : deviceTitle(current.device);
  const asked = deviceTitle(device);
  const where = device === 'auto' ? (ran ?? asked) : asked;
  const tooltip = [
    '**Inference Lens**',
    untrained ? t('Weights: untrained demo weights; they predict nothing') : t('Weights: {0}', name),
    device === 'auto' && ran !== null
      ? t('Device: {0}, last ran on {1}', asked, ran)
      : t('Device: {0}', asked),
    t('Click for weights, device, Doctor and log.'),
  ].join('\n\n');
  return { text: `$(eye) ${where} · ${name}`, tooltip, warning: untrained };
}
