/** WebGPU's refusal on a machine with NVIDIA's Vulkan driver names the libraries that the driver lacks, and nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LensError } from '../../../server/src/errors';
import { withMissingVulkanParts } from '../../../server/src/runtime/nvidia-vulkan';

const root = mkdtempSync(join(tmpdir(), 'lens-vulkan-'));
after(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'usr/lib/x86_64-linux-gnu');
mkdirSync(folder, { recursive: true });
const search = { root, env: {} };
const refusal = new LensError('device', 'The webgpu device cannot run a model: No supported adapters');
const drivers = ['intel_icd.json', 'nvidia_icd.json'];

test("both libraries missing: both are named, with Debian's packages", () => {
  const found = withMissingVulkanParts(refusal, drivers, search);
  assert.ok(found instanceof LensError);
  assert.match(found.message, /needs libGL\.so\.1 and libEGL\.so\.1/);
  assert.match(found.fix ?? '', /apt install libgl1 libegl1/);
  assert.equal(found.cause, refusal);
});

test('another driver, or another error, is left as it is', () => {
  assert.equal(withMissingVulkanParts(refusal, ['intel_icd.json'], search), refusal);
  const other = new Error('no');
  assert.equal(withMissingVulkanParts(other, drivers, search), other);
});

test('what is there is not named', () => {
  writeFileSync(join(folder, 'libGL.so.1'), '');
  const found = withMissingVulkanParts(refusal, drivers, search);
  assert.ok(found instanceof LensError);
  assert.match(found.message, /needs libEGL\.so\.1,/);
  writeFileSync(join(folder, 'libEGL.so.1'), '');
  assert.equal(withMissingVulkanParts(refusal, drivers, search), refusal);
});
