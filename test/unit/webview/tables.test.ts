/** Numbers that are copied: every float32 reads back as itself, tables as their formats say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../../webview/src/state/rows';
import {
  channelsTable,
  facesTable,
  histogramTable,
  exact,
  layersTable,
  mapTable,
  tableText,
} from '../../../webview/src/text/tables';

test('a number has the fewest digits that read back as the same float32', () => {
  const bits = new DataView(new ArrayBuffer(4));
  for (let i = 0; i < 20_000; i++) {
    bits.setUint32(0, Math.imul(i, 2654435761) >>> 0);
    const value = bits.getFloat32(0);
    if (Number.isFinite(value)) assert.equal(Math.fround(Number(exact(value))), value, exact(value));
  }
  const rows = [0.1, 1 / 3, -2.5e-8, 0, NaN, Infinity, -Infinity].map((v) => exact(Math.fround(v)));
  assert.deepEqual(rows, ['0.1', '0.33333334', '-2.5e-8', '0', 'nan', 'inf', '-inf']);
});

test('a map from top to bottom, as CSV and as Markdown', () => {
  const table = mapTable({ width: 2, height: 2, data: Float32Array.of(1, -0.5, NaN, 3e-5) });
  assert.equal(tableText(table, 'csv', false), '1,-0.5\r\nnan,0.00003\r\n');
  assert.equal(
    tableText(table, 'markdown', false),
    '| 0 | 1 |\n|---|---|\n| 1 | -0.5 |\n| nan | 0.00003 |\n',
  );
});

test('names of layers are quoted, and never a formula', () => {
  const layer = (name: string) => ({
    ...{ name, operator: 'Conv', shape: [1, 8, 4, 4], health: ['dead', 'blank-cam'] },
    activation: { mean: 0.5, std: 'NaN', min: -1, max: 2, zeros: 0 },
  });
  const rows = ['a,"b"', '=1+1', 'x|y'].map((name) => ({ layer: layer(name), heatmap: undefined }));
  const table = layersTable(rows as unknown as readonly Row[]);
  const lines = tableText(table, 'csv', true).split('\r\n');
  assert.equal(lines[0], 'layer,operator,shape,mean,std,min,max,zeros,method,cam max,negative,health');
  assert.equal(lines[1], '"a,""b""",Conv,8×4×4,0.5,NaN,-1,2,0,,,,dead blank-cam');
  assert.ok(lines[2]?.startsWith("'=1+1,Conv"));
  assert.ok(tableText(table, 'markdown', true).includes('| x\\|y | Conv |'));
});

test('faces, channels and bins have a row each, with the numbers of the report', () => {
  const faces = [
    {
      box: [1, 2.5, 3, 4] as const,
      score: 0.5,
      landmarks: [
        [1, 2],
        [3.5, 4],
      ] as const,
    },
    { box: [0, 0, 9, 9] as const, score: null, landmarks: null },
  ] as unknown as Parameters<typeof facesTable>[0];
  assert.deepEqual(facesTable(faces).slice(1), [
    ['0', '1', '2.5', '3', '4', '0.5', '1 2; 3.5 4'],
    ['1', '0', '0', '9', '9', '', ''],
  ]);
  assert.deepEqual(channelsTable([{ channel: 'red', mean: 0.5, std: 'NaN', min: 0, max: 1 }]).slice(1), [
    ['red', '0.5', 'NaN', '0', '1'],
  ]);
  assert.deepEqual(histogramTable({ min: -1, max: 1, counts: [3, 0, 1, 2] }).slice(1), [
    ['-1', '-0.5', '3'],
    ['-0.5', '0', '0'],
    ['0', '0.5', '1'],
    ['0.5', '1', '2'],
  ]);
});
