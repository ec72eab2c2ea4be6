/** Checkpoints written by the Python libraries, imported and run: logits and every layer's statistics are PyTorch's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { defaultHead, parametersOf } from '../../../server/src/architectures/build';
import type { ImportedClassifier } from '../../../server/src/architectures/classifier';
import { importClassifier } from '../../../server/src/architectures/classifier';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { fromTensorSource } from '../../../server/src/architectures/state-dict';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import type { Golden } from './golden';
import { goldenFolder, readGoldens, restoreCheckpoint } from './golden';
import { largestError, runNetwork, statistics } from './run-network';

/** The wrapper that the reference puts around each kind of file. */
const prefixes: Readonly<Record<string, string>> = { zip: 'net.', legacy: 'module.', bare: '' };

async function imported(golden: Golden, container: string, folder: string): Promise<ImportedClassifier> {
  const architecture = findArchitecture(golden.id);
  assert.ok(architecture);
  const { shapes } = parametersOf(architecture, defaultHead(architecture, golden.classes));
  const restored = container.endsWith('.skeleton.gz');
  const path = restored
    ? restoreCheckpoint(golden, container, shapes, folder)
    : join(goldenFolder, container);
  const checkpoint = await openCheckpoint(path);
  try {
    // Awaited here: the checkpoint is read until the network is built.
    return await importClassifier(fromTensorSource(checkpoint), {
      source: path,
      inputSize: golden.inputSize,
    });
  } finally {
    await checkpoint.close();
    if (restored) rmSync(path);
  }
}

for (const golden of readGoldens())
  describe(golden.id, () => {
    for (const container of golden.containers)
      test(container, async () => {
        const folder = mkdtempSync(join(tmpdir(), 'lens-architectures-'));
        try {
          const { network, prefix } = await imported(golden, container, folder);
          assert.equal(network.id, golden.id);
          assert.equal(network.classes, golden.classes);
          assert.equal(prefix, prefixes[container.split('.')[1] ?? '']);
          assert.deepEqual(
            network.layers.map(({ name, shape }) => [name, shape]),
            golden.layers.map(([name, shape]) => [name, shape]),
          );

          const { logits, layers } = await runNetwork(network);
          assert.ok(largestError(logits, golden.logits) < 1e-4, `logits ${logits.join()}`);
          for (const [name, , mean, std] of golden.layers) {
            const found = statistics(layers.get(name)!);
            // Relative to the spread: a layer's mean may be close to zero.
            const scale = Math.max(std, 1e-3 * Math.abs(mean));
            assert.ok(Math.abs(found.mean - mean) < 2e-5 * scale, `${name}: mean ${found.mean}, not ${mean}`);
            assert.ok(Math.abs(found.std - std) < 2e-5 * scale, `${name}: std ${found.std}, not ${std}`);
          }
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
  });
