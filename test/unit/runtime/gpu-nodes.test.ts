/** A GPU is there where Linux shows one, not where a driver's package is installed. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { showsGpu } from '../../../server/src/runtime/gpu-nodes';
import { temporaryFolder } from '../../support/temp';

test('a render node, NVIDIA’s device or that of WSL is a GPU; a display or a driver alone is none', () => {
  for (const [file, expected] of [
    ['dev/dri/renderD128', true],
    ['dev/nvidia0', true],
    ['dev/dxg', true],
    ['dev/dri/card0', false],
    ['dev/nvidiactl', false],
    ['usr/share/vulkan/icd.d/intel_icd.x86_64.json', false],
  ] as const) {
    const root = temporaryFolder('gpu');
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
    assert.equal(showsGpu(root), expected, file);
  }
});
