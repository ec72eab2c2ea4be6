/** Choosing the device. */
import { window } from 'vscode';
import { DEVICE_CHOICES } from '../../../protocol/vocabulary';
import { change, settings } from '../settings';
import { translated, t } from '../l10n';

export async function selectDevice(): Promise<void> {
  const now = settings().device;
  const items = DEVICE_CHOICES.map(({ id, title, help }) => ({
    label: translated(title),
    description: translated(help),
    id,
  }));
  const chosen = await window.showQuickPick(items, {
    title: t('Device'),
    placeHolder: t('Current: {0}', items.find(({ id }) => id === now)?.label ?? now),
  });
  if (chosen) await change('device', chosen.id);
}
