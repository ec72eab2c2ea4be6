/** Choosing a device: `auto` explains itself, a named one is taken or refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import type { DeviceState } from '../../../server/src/runtime/devices';
import { chooseDevice, vulkanState } from '../../../server/src/runtime/devices';
import { deviceLine } from '../../../server/src/engine/doctor';
import { probeDevice } from '../../../server/src/runtime/probe';

const state = (provider: DeviceState['provider'], change: Partial<DeviceState> = {}): DeviceState => ({
  provider,
  available: true,
  present: true,
  software: false,
  reason: `${provider} here`,
  fix: null,
  ...change,
});
const works = () => Promise.resolve();
const cpu = state('cpu');

test('auto takes the best device that computes', async () => {
  const chosen = await chooseDevice('auto', works, [state('cuda'), cpu]);
  assert.deepEqual(chosen, { requested: 'auto', provider: 'cuda', passedOver: [] });
});

test('auto says why it passed better devices over', async () => {
  const states = [
    state('cuda', { available: false, present: false, reason: 'no driver' }),
    state('webgpu', { software: true, reason: 'SwiftShader' }),
    state('coreml'),
    cpu,
  ];
  const probe = (provider: string) =>
    provider === 'coreml' ? Promise.reject(new LensError('device', 'out of memory')) : Promise.resolve();
  const chosen = await chooseDevice('auto', probe, states);
  assert.equal(chosen.provider, 'cpu');
  assert.deepEqual(chosen.passedOver, [
    { provider: 'cuda', reason: 'no driver', present: false },
    {
      provider: 'webgpu',
      reason: 'SwiftShader: a software renderer, slower than the CPU itself',
      present: true,
    },
    { provider: 'coreml', reason: 'out of memory', present: true },
  ]);
});

test('auto takes the CPU for one picture in a process of its own, without a warning, and a device by name all the same', async () => {
  const states = [
    state('cuda'),
    state('webgpu', { available: false, present: false, reason: 'no driver' }),
    cpu,
  ];
  const probed: string[] = [];
  const probe = (provider: string): Promise<void> => {
    probed.push(provider);
    return Promise.resolve();
  };
  const chosen = await chooseDevice('auto', probe, states, true);
  assert.equal(chosen.provider, 'cpu');
  assert.deepEqual(probed, ['cpu'], 'CUDA is not even started');
  const [cuda, webgpu] = chosen.passedOver;
  assert.match(cuda?.reason ?? '', /^one picture in a process of its own: .*`--device cuda` runs on it/);
  assert.equal(cuda?.present, false);
  assert.deepEqual(webgpu, { provider: 'webgpu', reason: 'no driver', present: false });
  assert.equal((await chooseDevice('cuda', probe, states, true)).provider, 'cuda');
  assert.equal((await chooseDevice('auto', probe, states)).provider, 'cuda', 'several pictures');
});

test('a device requested by name is never replaced', async () => {
  const gone = state('cuda', { available: false, reason: 'no driver', fix: 'Install it.' });
  await assert.rejects(chooseDevice('cuda', works, [gone, cpu]), {
    kind: 'device',
    message: 'The cuda device is not available: no driver.',
    fix: 'Install it.',
  });
  const software = state('webgpu', { software: true });
  assert.equal((await chooseDevice('webgpu', works, [software, cpu])).provider, 'webgpu');
});

test('Mesa’s drivers on a machine without a GPU are a renderer at most, which auto leaves alone', () => {
  const mesa = ['intel_icd.x86_64.json', 'lvp_icd.x86_64.json', 'radeon_icd.x86_64.json'];
  const of = (drivers: readonly string[], gpu: boolean) => {
    const { available, software, present } = vulkanState(
      { drivers, loader: true, gpu },
      (can, reason, fix = null) => state('webgpu', { available: can, present: can, reason, fix }),
    );
    return { available, software, present };
  };
  assert.deepEqual(of(mesa, true), { available: true, software: false, present: true });
  assert.deepEqual(of(mesa, false), { available: true, software: true, present: false });
  assert.deepEqual(of(['lvp_icd.x86_64.json'], true), { available: true, software: true, present: false });
  assert.deepEqual(of(['nvidia_icd.json'], false), { available: false, software: false, present: false });
});

test('a renderer that does not compute is no problem of this machine; a GPU that does not is', async () => {
  const fails = () => Promise.reject(new LensError('device', 'No supported adapters.'));
  const line = async (change: Partial<DeviceState>) =>
    (await deviceLine(state('webgpu', change), fails)).state;
  assert.equal(await line({ software: true }), 'warning');
  assert.equal(await line({}), 'problem');
});

test('this machine has at least its processor, and it computes', async () => {
  const chosen = await chooseDevice('cpu', probeDevice);
  assert.equal(chosen.provider, 'cpu');
});
