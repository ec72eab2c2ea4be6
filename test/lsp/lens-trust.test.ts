/** Lenses in a workspace that is not trusted, through the built server: nothing is read that the reader did not choose, and the report says so. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import type { Outcome } from '../../protocol/failure';
import type { FinishedReport } from '../../protocol/requests';
import { encodeModel } from '../../server/src/onnx/write';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { rawClient, type RawClient } from './raw-client';

const outside = temporaryFolder('lens-secret');
const place = temporaryFolder('lens-trust');
const models = join(place, 'models');
const weights = join(models, 'small.onnx');
const image = join(place, 'small.png');
const labels = ['a', 'b', 'c'];
const secret = join(outside, 'three.txt');
const peeking = join(models, 'peeking.lens.json');

before(async () => {
  mkdirSync(models);
  writeFileSync(weights, encodeModel(smallClassifier()));
  writeFileSync(join(models, 'small.lens.json'), JSON.stringify({ labels, target: 'b' }));
  writeFileSync(join(models, 'labels.txt'), 'x\ny\nz\n');
  writeFileSync(secret, 'p\nq\nr\n');
  writeFileSync(peeking, JSON.stringify({ labels: secret }));
  const raw = { width: 48, height: 48, channels: 3 } as const;
  await sharp(Buffer.alloc(48 * 48 * 3, 90), { raw })
    .png()
    .toFile(image);
});

async function within<T>(trusted: boolean, use: (client: RawClient) => Promise<T>): Promise<T> {
  const client = rawClient({ cwd: place });
  const initializationOptions = { weights, device: 'cpu', trusted };
  client.send({
    id: 0,
    method: 'initialize',
    params: { processId: process.pid, capabilities: {}, initializationOptions },
  });
  await client.next(({ id }) => id === 0);
  try {
    return await use(client);
  } finally {
    client.send({ id: 'end', method: 'shutdown' });
    await client.next(({ id }) => id === 'end');
    client.send({ method: 'exit' });
    assert.equal(await client.end(), 0);
  }
}

let asked = 0;
async function analyze(client: RawClient, options: object = {}): Promise<Outcome<FinishedReport>> {
  const job = `job ${++asked}`;
  client.send({ id: job, method: 'inferenceLens/analyze', params: { job, image, options } });
  const { result, error } = await client.next(({ id }) => id === job);
  assert.equal(error, undefined, JSON.stringify(error));
  return result as Outcome<FinishedReport>;
}

describe('a workspace that is not trusted', { timeout: 120_000 }, () => {
  test('the lens and the labels beside a model are not read, and a warning names them', () =>
    within(false, async (client) => {
      const made = await analyze(client);
      assert.ok(made.ok, JSON.stringify(made));
      const { model, lens, warnings } = made.value.report;
      assert.deepEqual(model.labels, ['class 0', 'class 1', 'class 2']);
      assert.ok(lens?.values.every(({ origin }) => origin !== 'beside' && origin !== 'files'));
      const messages = warnings.map(({ message }) => message).join('\n');
      for (const file of ['small.lens.json', 'labels.txt'])
        assert.ok(messages.includes(join(models, file)), messages);
    }));

  test('a lens that the reader chose names no file outside of its folder, until the workspace is trusted', () =>
    within(false, async (client) => {
      const refused = await analyze(client, { lens: peeking });
      assert.ok(!refused.ok);
      assert.ok(
        refused.failure.message.startsWith(
          `${peeking}:1:11: labels: expected a path below the lens's own folder`,
        ),
        refused.failure.message,
      );
      assert.deepEqual(refused.failure.remedies, [{ do: 'trust-workspace' }]);
      client.send({ method: 'inferenceLens/trustGranted', params: null });
      // The target of the lens beside the model is none of these labels, which is said with its place.
      const mixed = await analyze(client, { lens: peeking });
      assert.ok(!mixed.ok);
      assert.equal(
        mixed.failure.message,
        `The target should be a class of the model, or "predicted"; found "b" at ${join(models, 'small.lens.json')}:1:34.`,
      );
      const made = await analyze(client, { lens: peeking, target: 'q' });
      assert.ok(made.ok, JSON.stringify(made));
      assert.deepEqual(made.value.report.model.labels, ['p', 'q', 'r']);
    }));
});

test(
  'of a lens in a workspace that is not trusted the text and the paths in it are looked at, until it is trusted',
  { timeout: 120_000 },
  () =>
    within(false, async (client) => {
      const uri = pathToFileURL(join(models, 'typed.lens.json')).href;
      const text = '{ "model": "small.onnx", "labels": ["a"] }';
      client.send({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri, languageId: 'json', version: 1, text } },
      });
      const published = (found: RegExp) =>
        client.next(
          ({ method, params }) =>
            method === 'textDocument/publishDiagnostics' && found.test(JSON.stringify(params)),
        );
      await published(/"diagnostics":\[\]/);
      // An analysis that obeys a lens which names a file elsewhere refuses it, and so do Problems.
      const change = (version: number, written: string): void =>
        client.send({
          method: 'textDocument/didChange',
          params: { textDocument: { uri, version }, contentChanges: [{ text: written }] },
        });
      change(2, JSON.stringify({ labels: secret }));
      await published(/expected a path below the lens's own folder.*Trust the workspace/);
      change(3, text);
      await published(/"version":3.*"diagnostics":\[\]|"diagnostics":\[\].*"version":3/);
      client.send({ method: 'inferenceLens/trustGranted', params: null });
      await published(/names 1 class/);
    }),
);

test('a workspace that is trusted: the lens beside the model holds', () =>
  within(true, async (client) => {
    const made = await analyze(client);
    assert.ok(made.ok, JSON.stringify(made));
    const { model, target, lens } = made.value.report;
    assert.deepEqual([model.labels, target.label], [labels, 'b']);
    assert.equal(lens?.values.find(({ key }) => key === 'labels')?.origin, 'beside');
  }));
