/** Analyses through the built server: progress, first results, the report, another target, details. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import {
  analyze,
  cancel,
  layerDetails,
  stepPictures,
  listModels,
  retarget,
  type FinishedReport,
  type PartialReport,
} from '../../protocol/requests';
import type { MapSlice } from '../../protocol/report';
import { endOf } from '../../protocol/report-bounds';
import { tellingLayer } from '../../protocol/telling';
import { readSlice } from '../../server/src/report/maps-file';
import { samplePath, testCache } from '../support/cli';
import { checkPictures, readReport } from '../support/report';
import { startServer, type RunningServer } from './server';
import { failureOf, hear, nextProgress, valueOf } from './watch';
import { ANALYSIS_STEPS, idsOf } from '../../protocol/vocabulary';

process.env['INFERENCE_LENS_CACHE'] = testCache;

const floats = ({ folder, report }: FinishedReport, slice: MapSlice): readonly number[] => [
  ...readSlice(readFileSync(join(folder, report.mapsFile)), slice).data,
];

describe('the sample with the demo weights', () => {
  let server: RunningServer;
  let first: FinishedReport;
  before(async () => (server = await startServer({ device: 'cpu' })));
  after(async () => {
    assert.equal(await server.stop(), 0);
    assert.equal(server.stderr(), '');
  });

  test('every step in order; what is known as soon as it is, with its pictures; then the report', async () => {
    let answered = false;
    const missing: string[] = [];
    const heard = hear(server, 'first', (folder, { input, detection, preprocess, mapsFile, layers = [] }) => {
      assert.equal(answered, false);
      const drawn = layers.filter(({ heatmaps }) => heatmaps.every(({ blank }) => blank !== null));
      const pictures = [
        ...[input?.pictures.original, detection?.pictures.crop, detection?.pictures.mask],
        ...(preprocess?.wavelet?.planes ?? []).map(({ picture }) => picture),
        ...[preprocess?.wavelet?.pictures.processed, mapsFile],
        ...drawn.flatMap(({ activation, heatmaps }) =>
          [activation, ...heatmaps].map(({ picture }) => picture),
        ),
      ];
      // Heard a moment later, the folder may have its last name already.
      const [now, last] = [folder, folder.replace(/\.([^/.]*)\.[^/]*\.partial/, '$1')];
      for (const path of pictures)
        if (path && !existsSync(join(now, path)) && !existsSync(join(last, path))) missing.push(path);
    });
    first = valueOf(await server.ask(analyze, { job: 'first', image: samplePath, options: {} }));
    answered = true;

    const fractions = heard.progress.map(({ fraction }) => fraction);
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
    assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1));
    assert.deepEqual([...new Set(heard.progress.map(({ step }) => step))], idsOf(ANALYSIS_STEPS));
    assert.deepEqual(missing, []);

    const { report, folder } = first;
    const published = heard.partials.map((message) => message.report);
    const at = (part: keyof PartialReport) => published.findIndex((message) => message[part] !== undefined);
    const order = [at('input'), at('detection'), at('classifier')];
    assert.deepEqual(
      order,
      [...new Set(order)].sort((a, b) => a - b),
    );
    assert.ok(order[0] === 0 && at('model') < at('classifier') && at('classifier') < at('layers'));
    const { device, model, lens, input, detection, preprocess, target, methods, classifier, mapsFile } =
      report;
    const { warnings, layers, maps, ...known } = Object.assign({}, ...published) as PartialReport;
    assert.deepEqual(known, {
      ...{ device, model, lens, input, detection, preprocess, target, methods, classifier, mapsFile },
    });
    // What a heatmap shows is seen when it is drawn; all other warnings are published before.
    const last = published.findLast((message) => message.warnings !== undefined)?.warnings ?? warnings;
    assert.deepEqual(
      last,
      report.warnings.filter(({ code }) => !['blank-cams', 'non-finite'].includes(code)),
    );

    const [undrawn, ...batches] = published.flatMap((message) => (message.layers ? [message.layers] : []));
    const plain = report.layers.map(({ heatmaps, health, ...row }) => ({
      ...row,
      drawn: false,
      heatmaps: heatmaps.map((heatmap) => ({ ...heatmap, blank: null })),
      health: health.filter((mark) => mark !== 'blank-cam'),
    }));
    assert.deepEqual(undrawn, plain);
    const telling = tellingLayer(undrawn);
    const slices = [telling?.heatmaps[0]?.map, telling?.activation.map];
    assert.deepEqual(maps?.slices, slices, 'of the layer that is shown first');
    const file = readFileSync(join(folder, mapsFile));
    const parts = maps.slices.map((slice) => file.subarray(slice.offset, endOf(slice)));
    assert.equal(maps.base64, Buffer.concat(parts).toString('base64'));
    const rows = batches.flat();
    assert.ok(layers && rows.length > 0, 'some layers were published as they were drawn');
    for (const row of rows)
      assert.deepEqual(
        row,
        report.layers.find(({ name }) => name === row.name),
      );
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
    assert.equal(model.untrained, true);

    assert.ok(folder.startsWith(server.output));
    assert.deepEqual(readReport(folder), report);
    await checkPictures(folder, report);
  });

  test('another target: the same logits and activations, other heatmaps, the first report untouched', async () => {
    const before = readFileSync(join(first.folder, 'report.json'), 'utf8');
    const label = first.report.target.label === 'fake' ? 'real' : 'fake';
    const params = { job: 'other', folder: first.folder, target: label, methods: ['gradcam'] as const };
    const other = valueOf(await server.ask(retarget, params));
    assert.equal(other.report.target.label, label);
    assert.notEqual(other.folder, first.folder);
    assert.deepEqual(other.report.classifier, first.report.classifier);
    assert.equal(readFileSync(join(first.folder, 'report.json'), 'utf8'), before);
    const activation = { same: 0, other: 0 };
    const heatmap = { same: 0, other: 0 };
    const say = (count: typeof heatmap, equal: boolean) => (count[equal ? 'same' : 'other'] += 1);
    const equal = (a: MapSlice, b: MapSlice) => isDeepStrictEqual(floats(first, a), floats(other, b));
    for (const name of ['conv_stem', 'block_12', 'block_38', 'conv_head']) {
      const [one, two] = [first, other].map(({ report }) =>
        report.layers.find((layer) => layer.name === name),
      );
      assert.ok(one?.heatmaps[0] && two?.heatmaps[0], name);
      say(activation, equal(one.activation.map, two.activation.map));
      say(heatmap, equal(one.heatmaps[0].map, two.heatmaps[0].map));
    }
    assert.deepEqual(activation, { same: 4, other: 0 });
    assert.deepEqual(heatmap, { same: 0, other: 4 });
  });

  test('a target that the classifier does not have is named', async () => {
    const params = { job: 'none', folder: first.folder, target: 'cat', methods: ['gradcam'] as const };
    const { kind, message } = failureOf(await server.ask(retarget, params));
    assert.equal(kind, 'usage');
    assert.match(message, /cat/);
  });

  test('details of a layer fit its report', async () => {
    const params = { job: 'details', folder: first.folder, layer: 'block_20', channels: 5 };
    const details = valueOf(await server.ask(layerDetails, params));
    const layer = first.report.layers.find(({ name }) => name === 'block_20');
    assert.ok(layer);
    const [, channels = 0, height = 0, width = 0] = layer.shape;
    const { histogram } = details;
    assert.equal(
      histogram.counts.reduce((a, b) => a + b, 0),
      channels * height * width,
    );
    // Another graph computes them than made the report: equal up to float32 rounding.
    const near = (found: number, reported: unknown, scale: number) =>
      assert.ok(Math.abs(found - Number(reported)) <= 1e-5 * scale, `${found}, reported ${String(reported)}`);
    near(histogram.min, layer.activation.min, Number(layer.activation.max));
    near(histogram.max, layer.activation.max, Number(layer.activation.max));
    const weights = floats(first, layer.channelWeights);
    const largest = Math.max(...weights.map(Math.abs));
    assert.equal(details.channels.length, 5);
    for (const channel of details.channels) {
      near(channel.weight, weights[channel.index], largest);
      assert.equal(Buffer.from(channel.map, 'base64').length, 4 * width * height);
    }
    const shares = details.channels.map(({ contribution }) => Math.abs(contribution));
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => b - a),
    );

    // Another layer, a vector: from the same run of the network.
    const vector = valueOf(await server.ask(layerDetails, { ...params, job: 'fc', layer: 'fc' }));
    const fc = first.report.layers.find(({ name }) => name === 'fc');
    near(vector.histogram.max, fc?.activation.max, Math.abs(Number(fc?.activation.max)));

    const wrong = failureOf(await server.ask(layerDetails, { ...params, layer: 'block_99' }));
    assert.match(wrong.message, /block_99/);
  });

  test('pictures of the recorded steps are drawn on demand, the last as the network received it', async () => {
    const { folder, report } = first;
    const { steps } = report.preprocess;
    assert.deepEqual(
      steps.map(({ config }) => config.step),
      ['resize', 'rescale', 'wavelet', 'channels'],
    );
    for (const [step, { shape }] of steps.entries()) {
      const drawn = valueOf(await server.ask(stepPictures, { job: `step ${step}`, folder, step }));
      assert.ok(drawn.pictures.length > 0);
      for (const { png, width, height } of drawn.pictures) {
        assert.deepEqual([height, width], shape.slice(1));
        const { info } = await sharp(Buffer.from(png, 'base64')).toBuffer({ resolveWithObject: true });
        assert.deepEqual([info.width, info.height, info.channels], [width, height, 3]);
      }
    }
    const resized = valueOf(await server.ask(stepPictures, { job: 'crop', folder, step: 0 })).pictures[0];
    const pixels = (png: Buffer) => sharp(png).raw().toBuffer();
    assert.deepEqual(
      await pixels(Buffer.from(resized?.png ?? '', 'base64')),
      await pixels(readFileSync(join(folder, report.detection.pictures.crop))),
      'the first step makes the picture that the report shows as the crop',
    );
    const wrong = failureOf(await server.ask(stepPictures, { job: 'none', folder, step: 9 }));
    assert.match(wrong.message, /no step 9, it records 4/);
  });

  test('cheap requests are answered before the analysis that runs', async () => {
    const models = valueOf(await server.ask(listModels, {}));
    assert.equal(models[0]?.id, 'mobilenet_v2');
    assert.equal(models[0].untrained, false);
    assert.equal(new Set(models.map(({ id }) => id)).size, models.length);

    let over = false;
    const options = { target: 'pred' };
    const running = server.ask(analyze, { job: 'long', image: samplePath, options }).then((answer) => {
      over = true;
      return answer;
    });
    await nextProgress(server, 'long', 'detection');
    assert.equal(valueOf(await server.ask(cancel, { job: 'nobody' })), null);
    assert.deepEqual(valueOf(await server.ask(listModels, {})), models);
    assert.match(failureOf(await server.ask(analyze, { job: '', image: '', options: {} })).message, /"job"/);
    assert.equal(over, false);
    valueOf(await running);
  });
});
