/**
 * Files of packages from PyPI and npm, each with its package's preprocessing in a lens: the package's own probabilities. The files are
 * fetched as test/reference/real/real_models_golden.py says, and named by INFERENCE_LENS_REAL_MODELS; PP-OCR's lies in ../shared too.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Report } from '../../protocol/report';
import { root, runCli } from '../support/cli';
import { readGolden } from '../support/golden';
import { sharedFile } from '../support/shared';
import { temporaryFolder } from '../support/temp';

interface Row {
  readonly file: string;
  readonly sha256: string;
  readonly lens: string;
  readonly picture: string;
  readonly probabilities: readonly number[];
}

const { rows } = readGolden<{ readonly rows: readonly Row[] }>('real-models');
const { INFERENCE_LENS_REAL_MODELS: fetched } = process.env;

/** The same bytes, by where they are in ../shared. */
const SHARED: Readonly<Record<string, string>> = {
  'package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx': 'real_ppocr_cls_opset9.onnx',
  'rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx': 'real_ppocr_cls_identity_after_softmax.onnx',
};

function placeOf(t: TestContext, file: string): string | null {
  if (fetched !== undefined) return join(resolve(fetched), file);
  const shared = SHARED[file];
  if (shared !== undefined) return sharedFile(t, join('cases', 'onnx', shared));
  t.skip(`${file} is fetched only for INFERENCE_LENS_REAL_MODELS`);
  return null;
}

for (const file of new Set(rows.map((row) => row.file)))
  test(file, async (t) => {
    const place = placeOf(t, file);
    if (place === null) return;
    assert.ok(existsSync(place), `${place} is missing`);
    const own = rows.filter((row) => row.file === file);
    assert.equal(createHash('sha256').update(readFileSync(place)).digest('hex'), own[0]?.sha256);
    const lens = join(root, 'test', 'reference', 'real', `${own[0]?.lens ?? ''}.lens.json`);
    const { code, stdout, stderr } = await runCli(
      [
        ...['analyze', ...own.map(({ picture }) => join(root, 'samples', `${picture}.png`))],
        ...['--weights', place, '--lens', lens, '--json', '--device', 'cpu'],
        ...['--output', temporaryFolder('real-models')],
      ],
      { weights: 'unsaid' },
    );
    assert.equal(code, 0, stderr);
    const reports = stdout
      .trim()
      .split('\n')
      .flatMap((line) => (JSON.parse(line) as { report?: Report }).report ?? []);
    assert.equal(reports.length, own.length);
    for (const [index, { picture, probabilities }] of own.entries()) {
      const { classifier, layers } = reports[index]!;
      assert.ok(layers.length >= 8, `${layers.length} layers`);
      probabilities.forEach((expected, c) => {
        const found = Number(classifier.probabilities?.[c]);
        assert.ok(Math.abs(found - expected) < 1e-3, `${picture}, class ${c}: ${found} instead of ${expected}`);
      });
    }
  });
