/** What an editor decides about an analysis: where progress goes, settings, and options that a request carries. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { ProgressType } from 'vscode-jsonrpc/node';
import type { AnalysisOptions } from '../../protocol/analysis';
import { analyze, retarget, type FinishedReport } from '../../protocol/requests';
import { optionRows } from '../../protocol/options';
import type { Outcome } from '../../protocol/failure';
import { writeModel } from '../../server/src/onnx/write';
import { samplePath, testCache } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { startServer, type RunningServer } from './server';
import { failureOf, valueOf } from './watch';

process.env['INFERENCE_LENS_CACHE'] = testCache;

describe('what an editor decides', () => {
  const folder = temporaryFolder('decides');
  const weights = join(folder, 'small.onnx');
  const settings = { weights, pipeline: 'imagenet', device: 'cpu' };
  const bar = new ProgressType<{
    kind: string;
    percentage?: number;
    message?: string;
    cancellable?: boolean;
  }>();
  let server: RunningServer;
  before(async () => {
    await writeModel(smallClassifier(), weights);
    server = await startServer(settings);
  });
  after(() => server.stop());

  /** Beginning, rising reports, end. */
  function assertWhole(reported: readonly { kind: string; percentage?: number }[]): void {
    assert.deepEqual([reported[0]?.kind, reported.at(-1)?.kind], ['begin', 'end']);
    assert.ok(reported.length > 3);
    assert.ok(reported.slice(1, -1).every(({ kind }) => kind === 'report'));
    const percentages = reported.slice(0, -1).map(({ percentage }) => percentage ?? NaN);
    assert.deepEqual(
      percentages,
      [...percentages].sort((a, b) => a - b),
    );
    assert.ok(percentages.every((percentage) => percentage >= 0 && percentage <= 100));
  }

  test('a request with a token of its own gets its progress there', async () => {
    const reported: { kind: string; percentage?: number }[] = [];
    const following = server.connection.onProgress(bar, 'mine', (now) => reported.push(now));
    let asked = 0;
    server.connection.onRequest('window/workDoneProgress/create', () => void (asked += 1));
    const params = { job: 'token', image: samplePath, options: {}, workDoneToken: 'mine' };
    valueOf(await server.connection.sendRequest<Outcome<FinishedReport>>(analyze.method, params));
    following.dispose();
    assertWhole(reported);
    assert.equal(asked, 0);
  });

  test('else the editor is asked for a progress bar, whose button cancels', async () => {
    const reported: { kind: string; cancellable?: boolean }[] = [];
    const tokens: string[] = [];
    server.connection.onRequest('window/workDoneProgress/create', ({ token }: { token: string }) => {
      tokens.push(token);
      server.connection.onProgress(bar, token, (now) => {
        reported.push(now);
        if (tokens.length === 2 && now.kind === 'begin')
          void server.connection.sendNotification('window/workDoneProgress/cancel', { token });
      });
      return null;
    });
    valueOf(await server.ask(analyze, { job: 'bar', image: samplePath, options: {} }));
    assertWhole(reported);
    assert.equal(reported[0]?.cancellable, true);
    reported.length = 0;
    const options = { weights: 'demo', pipeline: 'fsbi' };
    const answer = await server.ask(analyze, { job: 'stopped', image: samplePath, options });
    assert.equal(failureOf(answer).kind, 'cancelled');
    assert.equal(reported.at(-1)?.kind, 'end');
  });

  test('an editor that refuses progress bars gets its report all the same', async () => {
    server.connection.onRequest('window/workDoneProgress/create', () => {
      throw new Error('no bars here');
    });
    valueOf(await server.ask(analyze, { job: 'no bar', image: samplePath, options: {} }));
  });

  test('settings are asked for the image, and again for each analysis', async () => {
    const scopes: unknown[] = [];
    const answers = [
      { ...settings, output: join(folder, 'one'), target: '1' },
      { ...settings, output: join(folder, 'two'), methods: ['hirescam', 'gradcam'] },
    ];
    server.connection.onRequest('workspace/configuration', ({ items }: { items: { scopeUri: string }[] }) => {
      scopes.push(...items.map(({ scopeUri }) => scopeUri));
      return [answers.shift()];
    });
    const one = valueOf(await server.ask(analyze, { job: 'one', image: samplePath, options: {} }));
    const two = valueOf(
      await server.ask(analyze, { job: 'two', image: samplePath, options: { target: '2' } }),
    );
    assert.deepEqual(scopes, Array(2).fill(pathToFileURL(samplePath).href));
    assert.ok(one.folder.startsWith(join(folder, 'one')));
    assert.ok(two.folder.startsWith(join(folder, 'two')));
    assert.deepEqual([one.report.target.index, two.report.target.index], [1, 2]);
    assert.deepEqual(two.report.methods, ['hirescam', 'gradcam']);
  });

  test('another target keeps every option of the report, whatever the settings say now', async () => {
    const options: Partial<AnalysisOptions> = {
      ...{
        device: 'cpu',
        pipeline: 'imagenet',
        weights,
        target: '1',
        activation: 'softmax',
        detector: 'blazeface',
      },
      ...{ box: [200, 160, 440, 400], crop: 'sbi', maxSize: 640, methods: ['hirescam'], threads: 1 },
    };
    const first = valueOf(await server.ask(analyze, { job: 'first', image: samplePath, options }));
    server.connection.onRequest('workspace/configuration', () => [
      { weights: 'demo', pipeline: 'fsbi', crop: 'square', detector: 'none', threads: 2, activation: 'none' },
    ]);
    const { folder: made } = first;
    const params = { job: 'second', folder: made, target: '2', methods: ['gradcam'] as const };
    const second = valueOf(await server.ask(retarget, params));
    server.connection.onRequest('workspace/configuration', () => [settings]);
    assert.deepEqual(second.report.options, {
      ...first.report.options,
      ...{ target: '2', methods: ['gradcam'] },
    });
    const recorded = optionRows.filter((row) => row.recorded !== null);
    assert.deepEqual(first.report.options, {
      ...Object.fromEntries(recorded.map((row) => [row.name, row.default])),
      ...options,
    });
    assert.deepEqual(second.report.detection, first.report.detection);
    assert.deepEqual(second.report.classifier, first.report.classifier);
    assert.equal(second.report.classifier.activation?.kind, 'softmax');
    assert.deepEqual(
      [first, second].map(({ report }) => report.target.index),
      [1, 2],
    );
    assert.equal(join(second.folder, '..', '..'), join(made, '..', '..'));
  });

  test('a network that nobody describes is given no labels, and a lens in the request or the settings is obeyed', async () => {
    const unasked = { job: 'unasked', image: samplePath, options: { pipeline: null } };
    const { report } = valueOf(await server.ask(analyze, unasked));
    assert.deepEqual(report.model.labels, ['class 0', 'class 1', 'class 2']);
    assert.ok(report.warnings.some(({ code }) => code === 'lens-guessed'));
    const lens = join(folder, 'three.lens.json');
    writeFileSync(lens, '{"labels": ["x", "y", "z"]}');
    const asked = { job: 'lens', image: samplePath, options: { pipeline: null, lens } };
    const named = valueOf(await server.ask(analyze, asked));
    assert.deepEqual([named.report.model.labels, named.report.lens?.path], [['x', 'y', 'z'], lens]);
    writeFileSync(lens, '{"labls": []}');
    const wrong = failureOf(await server.ask(analyze, { ...asked, job: 'wrong lens' }));
    assert.match(wrong.message, /three\.lens\.json:1:2: expected one of the keys .*Did you mean "labels"\?/);
  });

  test('what can be done is said in settings and commands of the editor', async () => {
    const flat = join(folder, 'flat.png');
    const background = { r: 90, g: 120, b: 150 };
    await sharp({ create: { width: 300, height: 200, channels: 3, background } })
      .png()
      .toFile(flat);
    const faces = { pipeline: 'sbi', weights };
    const noFace = failureOf(await server.ask(analyze, { job: 'no face', image: flat, options: faces }));
    assert.deepEqual(
      [noFace.code, noFace.fix],
      [
        'no-face',
        'Try another detector in the setting “Inference Lens: Detector”. ' +
          'Analyze the whole image if it is a face crop already.',
      ],
    );
    const output = join(flat, 'reports');
    const blocked = failureOf(
      await server.ask(analyze, { job: 'blocked', image: samplePath, options: { output } }),
    );
    assert.equal(blocked.kind, 'output');
    assert.equal(blocked.fix, 'Choose another folder in the setting “Inference Lens: Output”.');
  });

  for (const [wrong, message] of [
    [{ device: 'gpu' }, /inferenceLens\.device should be one of auto, .*found "gpu"/],
    [{ threads: '4' }, /inferenceLens\.threads .*found "4"/],
    [{ maxSize: 16 }, /inferenceLens\.maxSize .*from 32 to 16384, or null; found 16/],
    [{ methods: ['gradcam', null] }, /inferenceLens\.methods .*found null/],
    [{ output: ['/'] }, /inferenceLens\.output should be a string/],
  ] as const)
    test(`a wrong setting is named: ${JSON.stringify(wrong)}`, async () => {
      server.connection.onRequest('workspace/configuration', () => [{ ...settings, ...wrong }]);
      const failure = failureOf(await server.ask(analyze, { job: 'wrong', image: samplePath, options: {} }));
      assert.equal(failure.kind, 'usage');
      assert.match(failure.message, message);
      assert.match(failure.fix ?? '', /settings/);
    });
});
