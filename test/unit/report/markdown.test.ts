/** report.md: the reference's text byte for byte, hostile names, absent steps, what we add. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Report } from '../../../protocol/report';
import { referenceSections, reportMarkdown } from '../../../server/src/report/markdown';
import { goldenPath } from '../../support/golden';
import { sharedFile } from '../../support/shared';
import { referenceRun } from './reference-run';

const golden = () => readFileSync(goldenPath('report/IMG_5549.report.md'), 'utf8');

test("the reference's values give the reference's text, byte for byte", () => {
  assert.equal(referenceSections(referenceRun), golden());
});

test('the committed reference text is the one beside the checkout', (t) => {
  const path = sharedFile(t, 'reference/IMG_5549.report.md');
  if (path !== null) assert.equal(golden(), readFileSync(path, 'utf8'));
});

test('what we add comes after the reference and changes nothing in it', () => {
  const markdown = reportMarkdown(referenceRun);
  assert.ok(markdown.startsWith(`${golden()}\n\n## `));
  assert.ok(markdown.endsWith('\n'));
  assert.match(markdown, /- \*\*Image SHA-256:\*\* b{64}\n/);
  assert.match(
    markdown,
    /block\\?_12 \| Conv \| 0\.125 \| 0\.5 \| -1 \| 2 \| 0 \| 0 \| 0\.1 \| 0\.01 \| 0\.5 \| \n/,
  );
  assert.match(markdown, /cA\\?_r: red by position, blue plane of the image/);
  assert.doesNotMatch(markdown, /## Warnings|## Other Methods/);
});

test('warnings and untrained weights stand where the reader looks', () => {
  const report: Report = {
    ...referenceRun,
    model: { ...referenceRun.model, path: null, name: 'demo-b5', untrained: true },
    warnings: [
      { code: 'untrained-weights', message: 'Untrained demo weights.', layers: [] },
      { code: 'blank-cams', message: 'Nothing to see.', layers: ['bn0', 'fc'] },
    ],
  };
  const markdown = reportMarkdown(report);
  assert.match(
    markdown,
    /^# Inference Report — IMG_5549\n\n> \*\*Warning:\*\* Untrained demo weights\.\n>\n> \*\*Warning:\*\* Nothing to see\.\n\n## Overview\n/,
  );
  assert.match(markdown, /\n- \*\*Weights:\*\* demo-b5 \(untrained demo weights\)\n/);
  assert.match(markdown, /\n- \*\*blank-cams:\*\* Nothing to see\. \(bn0, fc\)\n/);
});

test('names from files and models cannot become markup', () => {
  const hostile = '</script><img src=x onerror=alert(1)> | [a](javascript:x) `b` *c* $d$ \n## e \u202egpj';
  const layer = referenceRun.layers[0]!;
  const report: Report = {
    ...referenceRun,
    processId: hostile,
    model: { ...referenceRun.model, path: hostile, name: hostile, notes: [hostile] },
    input: { ...referenceRun.input, path: `/tmp/${hostile}.jpg` },
    target: { ...referenceRun.target, label: hostile },
    classifier: { ...referenceRun.classifier, predicted: { index: 0, label: hostile } },
    layers: [{ ...layer, name: hostile, operator: hostile }],
    warnings: [{ code: 'non-finite', message: hostile, layers: [hostile] }],
    detection: { ...referenceRun.detection, description: hostile },
  };
  const markdown = reportMarkdown(report);
  assert.doesNotMatch(markdown, /<(?!br)/, 'no HTML tag opens');
  assert.doesNotMatch(markdown, /(?<!\\)\[a\\?\]\(/, 'no link');
  assert.doesNotMatch(markdown, /(?<!\\)[`$]/, 'no code, no formula');
  assert.doesNotMatch(markdown, /^## e/m, 'no heading');
  assert.doesNotMatch(markdown, /\u202e/, 'no reversed text');
  const row = markdown.split('\n').find((line) => line.includes('(1, 48, 190, 190)'))!;
  assert.equal(row.match(/(?<!\\)\|/g)?.length, 3, 'no extra table cell');
});

test('pipelines without a wavelet, faces without landmarks', () => {
  const report: Report = {
    ...referenceRun,
    preprocess: { ...referenceRun.preprocess, wavelet: null },
    detection: {
      ...referenceRun.detection,
      faces: [{ box: [0, 0, 10.5, 20], score: null, landmarks: null, landmarksEstimated: false }],
      pictures: { ...referenceRun.detection.pictures, mask: null },
    },
  };
  const markdown = reportMarkdown(report);
  assert.match(
    markdown,
    /- Bounding box \(x0, y0, x1, y1\): \[0\.0, 0\.0, 10\.5, 20\.0\]\n- Landmarks \(x, y\): none\n/,
  );
  assert.match(markdown, /- No wavelet step in this pipeline\.\n- \*\*Input tensor:\*\* mean 0\.4578/);
  assert.doesNotMatch(markdown, /mask\.png|dwt_/);
});

test('a picture and a region are not faces', () => {
  const without = (detector: 'none' | 'box', overlay: string): string =>
    reportMarkdown({
      ...referenceRun,
      input: { ...referenceRun.input, pictures: { ...referenceRun.input.pictures, overlay } },
      preprocess: { ...referenceRun.preprocess, wavelet: null },
      detection: {
        ...referenceRun.detection,
        detector,
        description: 'No detector.',
        pictures: { crop: 'steps/b_preprocess/picture.png', mask: null },
        faces: [referenceRun.detection.faces[0]!],
      },
      warnings: [],
    });
  const picture = without('none', referenceRun.input.pictures.original);
  assert.match(picture, /## Step B — Picture\n\n!\[Picture as the network sees it\]/);
  assert.match(picture, /- \*\*Steps:\*\* /);
  assert.doesNotMatch(picture, /face|overlay\]|wavelet step/i);
  const region = without('box', 'steps/a_input/overlay.png');
  assert.match(region, /!\[Region overlay\].*\n\n## Step B — Region\n- Bounding box /s);
  assert.doesNotMatch(region, /face/i);
});

test('further methods get a table of their own', () => {
  const layers = referenceRun.layers.map((layer) => ({
    ...layer,
    heatmaps: [
      ...layer.heatmaps,
      {
        ...layer.heatmaps[0]!,
        method: 'layercam' as const,
        picture: `${layer.folder}/heatmap/overlay_layercam.png`,
      },
    ],
  }));
  const markdown = reportMarkdown({ ...referenceRun, methods: ['gradcam', 'layercam'], layers });
  assert.ok(markdown.startsWith(golden()), 'the first method fills the reference table');
  assert.match(
    markdown,
    /## Other Methods\nLayer \| layercam\n---\|---\nconv_stem \| !\[\]\(steps\/c_layers\/conv_stem\/heatmap\/overlay_layercam\.png\)\n/,
  );
});

test('values that are not finite are printed as Python prints them', () => {
  const markdown = referenceSections({
    ...referenceRun,
    classifier: { ...referenceRun.classifier, logits: ['NaN', '-Infinity'], confidence: 'NaN' },
  });
  assert.match(markdown, /- Logits: \[nan, -inf\]\n/);
  assert.match(markdown, /- Class confidence: nan$/);
});

test('nodes by device are told where not one device ran them all', () => {
  const device = (placement: NonNullable<Report['device']['placement']>): Report => ({
    ...referenceRun,
    device: { ...referenceRun.device, provider: 'webgpu', placement },
  });
  const copies = { nodes: 2, bytes: 10 };
  const split = device({
    providers: [
      { provider: 'webgpu', nodes: 1299 },
      { provider: 'cpu', nodes: 2 },
    ],
    onCpu: [
      { operator: 'Less', nodes: 1, bytes: 17 },
      { operator: 'Equal', nodes: 1, bytes: 10 },
    ],
    copies,
  });
  assert.match(
    reportMarkdown(split),
    /^- \*\*Nodes by device:\*\* webgpu 1299, cpu 2 \(Less 1, Equal 1\); 2 copies of together 10 bytes between them$/m,
  );
  const whole = device({ providers: [{ provider: 'webgpu', nodes: 1301 }], onCpu: [], copies });
  assert.doesNotMatch(reportMarkdown(whole), /Nodes by device/);
});

test("the detector's device is named where anything but the CPU ran", () => {
  type Detector = NonNullable<Report['detection']['device']>;
  const lines = (provider: Report['device']['provider'], device: Detector): string => {
    const own = { ...referenceRun.device, provider };
    const markdown = reportMarkdown({
      ...referenceRun,
      device: own,
      detection: { ...referenceRun.detection, device },
    });
    return markdown
      .split('\n')
      .filter((line) => /^- \*\*Detector(:| device|'s)/.test(line))
      .slice(1)
      .join('\n');
  };
  assert.equal(lines('cpu', { provider: 'cpu' }), '');
  assert.equal(lines('cuda', { provider: 'cpu' }), '- **Detector device:** cpu');
  const placement = {
    providers: [
      { provider: 'cuda', nodes: 200 },
      { provider: 'cpu', nodes: 1 },
    ],
    onCpu: [{ operator: 'Resize', nodes: 1, bytes: 70_000 }],
    copies: { nodes: 2, bytes: 140_000 },
  } as const;
  assert.equal(
    lines('cuda', { provider: 'cuda', placement }),
    '- **Detector device:** cuda\n' +
      "- **Detector's nodes by device:** cuda 200, cpu 1 (Resize 1); 2 copies of together 140000 bytes between them",
  );
});

test("every recorded step stands behind the reference's sections, with its parameters and a row a channel", () => {
  const markdown = reportMarkdown(referenceRun);
  const section = markdown.slice(
    markdown.indexOf('## Preprocessing Steps'),
    markdown.indexOf('## Layers in Numbers'),
  );
  const rows = section.trim().split('\n').slice(3);
  assert.equal(rows.length, 3 * referenceRun.preprocess.steps.length);
  assert.match(
    rows[0] ?? '',
    /^1 resize \| size 380, fit exact, .* \| 3 x 380 x 380 \| uint8 \| red \| 102 \|/,
  );
  assert.match(rows[9] ?? '', /^4 channels \| order BGR, .* \| float32 \| blue \|/);
  const { preprocess } = referenceRun;
  assert.ok(
    !reportMarkdown({ ...referenceRun, preprocess: { ...preprocess, steps: [] } }).includes(
      'Preprocessing Steps',
    ),
  );
});
