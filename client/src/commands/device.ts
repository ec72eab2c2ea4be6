/** Choosing the device. */
import { window } from 'vscode';
import { devices } from '../../../protocol/analysis';
import { change, settings } from '../settings';

const descriptions: Readonly<Record<(typeof devices)[number], string>> = {
  auto: 'The fastest that works here; the report says which, and why not a better one',
  cuda: 'NVIDIA GPU, Linux x64',
  webgpu: 'Any GPU with Vulkan, Metal or Direct3D 12',
  directml: 'GPU on Windows',
  coreml: 'Apple’s accelerators',
  cpu: 'Works everywhere',
};

export async function selectDevice(): Promise<void> {
  const now = settings().device;
  const items = devices.map((label) => ({ label, description: descriptions[label], picked: label === now }));
  const chosen = await window.showQuickPick(items, { title: 'Device', placeHolder: `Current: ${now}` });
  if (chosen) await change('device', chosen.label);
}
