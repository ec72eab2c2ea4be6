/** Which buttons the panel offers beside a failure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure, Remedy } from '../../../protocol/failure';
import { actionsFor } from '../../../webview/src/state/remedies';
import { failure } from '../../support/panel-states';

test('buttons follow the remedies, each once, and what the panel cannot do has none', () => {
  const titles = (part: Partial<Failure>) => actionsFor({ ...failure, ...part }).map(({ title }) => title);
  const remedies = (
    ...all: readonly Exclude<Remedy, { id: string } | { names: readonly string[] }>['do'][]
  ) => all.map((name) => ({ do: name }));
  assert.deepEqual(titles({ kind: 'image', remedies: remedies('give-box', 'whole-image') }), [
    'Analyze the whole image',
    'Open the image',
  ]);
  assert.deepEqual(titles({ kind: 'device', remedies: remedies('install-cuda', 'other-device', 'cpu') }), [
    'Install CUDA libraries…',
    'Select device…',
    'Run Doctor',
  ]);
  assert.deepEqual(titles({ kind: 'device', remedies: remedies('doctor') }), ['Run Doctor']);
  assert.deepEqual(titles({ kind: 'output', remedies: remedies('other-folder') }), ['Change output folder…']);
  assert.deepEqual(titles({ kind: 'model', remedies: [{ do: 'download-model', id: 'x' }] }), [
    'Select weights…',
  ]);
  // Another model is what helps with one that cannot be used, whatever is wrong with it.
  assert.deepEqual(titles({ kind: 'model' }), ['Select weights…']);
  for (const kind of ['usage', 'output', 'cancelled'] as const) assert.deepEqual(titles({ kind }), []);
});
