/** The stored RetinaFace: its network is built once, and a cached one finds the same faces. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeImage } from '../../../server/src/imaging/decode';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { sharedFile } from '../../support/shared';

test('the network of stored weights is kept, found again, and made again where it is damaged', async (t) => {
  const weights = sharedFile(t, 'models/retinaface_mobilenet0.25_1mb.pth');
  const path = sharedFile(t, 'images/astronaut.png');
  if (weights === null || path === null) return;
  const root = mkdtempSync(join(tmpdir(), 'lens-detector-'));
  const graphs = join(root, 'graphs');
  const { image } = await decodeImage(path);
  /** A bench of its own each time, as another process would have. */
  const detect = async () => {
    const bench = new Workbench(root);
    try {
      const detector = await bench.detector('retinaface', null, { provider: 'cpu', threads: 2 });
      return { described: detector.describe(), faces: await detector.detect(image) };
    } finally {
      await bench.dispose();
    }
  };
  try {
    await new Workbench(root).store.import(weights);
    const made = await detect();
    assert.ok(made.faces.length > 0);
    const entries = readdirSync(graphs);
    assert.equal(entries.length, 2); // and BlazeFace, which is asked for its opinion
    assert.deepEqual(await detect(), made);
    assert.deepEqual(readdirSync(graphs), entries);

    for (const name of entries) {
      const entry = join(graphs, name);
      const graph = readdirSync(entry).find((file) => file.endsWith('.onnx')) ?? '';
      truncateSync(join(entry, graph), 100);
      assert.deepEqual(await detect(), made);
      assert.deepEqual(readdirSync(graphs), entries);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
