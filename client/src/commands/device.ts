/** Choosing the device. */
import { window } from 'vscode';
import { DEVICE_CHOICES } from '../../../protocol/vocabulary';
import { change, settings } from '../settings';

export async function selectDevice(): Promise<void> {
  const now = settings().device;
  const items = DEVICE_CHOICES.map(({ id, help }) => ({ label: id, description: help, picked: id === now }));
  const chosen = await window.showQuickPick(items, { title: 'Device', placeHolder: `Current: ${now}` });
  if (chosen) await change('device', chosen.label);
}
