/** What the README says of other networks is what the conformance page counts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keptRows } from '../../bench/conformance/kept-rows';
import { layerTables } from '../../bench/conformance/layer-tables';
import { root } from '../support/cli';

const page = readFileSync(join(root, 'docs', 'conformance.md'), 'utf8');
const readme = readFileSync(join(root, 'README.md'), 'utf8').replace(/\s+/g, ' ');

test('the README has the page’s counts', () => {
  const [, whole, all] = /\*\*(\d+) of (\d+) networks agree with PyTorch\*\*/.exec(page) ?? [];
  assert.ok(Number(whole) >= 50, page.slice(0, 400));
  assert.ok(
    readme.includes(`${whole} of ${all} networks of torchvision, timm and transformers`),
    `${whole} of ${all}`,
  );
});

test('the page has a row a network, and names what disagrees', () => {
  const [, whole = 0, all = 0] = /\*\*(\d+) of (\d+) networks/.exec(page) ?? [];
  const rows = page.split('\n').filter((line) => /^\| (torchvision|timm|transformers)\//.test(line));
  assert.equal(rows.length, Number(all));
  assert.equal(Number(whole) < Number(all), page.includes('## What disagrees'));
});

test('rows that are not measured again count as they did', () => {
  const [, files, layers, agree, unstable] =
    /: (\d+) files, (\d+) layers\. (\d+) Grad-CAM maps agree, (\d+) depend/.exec(page) ?? [];
  const kept = keptRows(page, []);
  const sum = (of: (row: (typeof kept)[number]) => number): number =>
    kept.reduce((total, row) => total + of(row), 0);
  assert.deepEqual([files, layers, agree, unstable].map(Number), [
    sum((row) => row.files),
    sum((row) => row.layers),
    sum((row) => row.agree),
    sum((row) => row.unstable),
  ]);
  assert.equal(keptRows(page, [kept[0]?.name ?? '']).length, kept.length - 1);
});

test('ViT, Swin and ConvNeXt: every default layer is a map with a module’s name, whose CAM agrees in both files', () => {
  const counts: Record<string, number> = {};
  for (const table of page.split(/^### /m).slice(1)) {
    const [name = '', ...lines] = table.split('\n');
    const rows = lines.filter((line) => line.startsWith('| ')).slice(1);
    for (const row of rows) {
      const [, layer, read = '', ...distances] = row.split('|').map((cell) => cell.trim());
      assert.match(read, /^(?:NCHW|NHWC|NTC), \d+ x \d+ x \d+/, layer);
      for (const distance of distances.slice(0, 2))
        assert.ok(distance !== '' && Number(distance) <= 1e-3, row);
    }
    counts[name] = rows.length;
  }
  assert.deepEqual(counts, {
    'torchvision/convnext_tiny': 22,
    'torchvision/swin_t': 18,
    'torchvision/vit_b_16': 14,
  });
  assert.equal(
    layerTables(new Map(), page).join('\n').trim(),
    page.slice(page.indexOf('## Layer'), page.indexOf('## What torch')).trim(),
  );
});
