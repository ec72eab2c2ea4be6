/** A queue behind TLS, with a certificate that only those trust who name its authority. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeAuthority } from '../support/authority';
import { runCli } from '../support/cli';
import { writeSet, writeSetModel } from '../support/labelled-set';
import { freePort, redisMissing, startRedis } from '../support/redis';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('queue-tls');
const model = writeSetModel(join(folder, 'model'));
const PASSWORD = 'geheim';
const env = { INFERENCE_LENS_QUEUE_PASSWORD: PASSWORD };

describe('a server that speaks TLS, with an authority of its own', () => {
  test('is used where NODE_EXTRA_CA_CERTS names the authority, and refused elsewhere', async (context) => {
    const missing = await redisMissing();
    if (missing !== null) {
      context.skip(missing);
      return;
    }
    const made = makeAuthority(join(folder, 'tls'));
    if (made === null) {
      context.skip('no openssl that makes certificates');
      return;
    }
    const port = await freePort();
    const secure = await startRedis(folder, [
      ...['--tls-port', String(port), '--tls-auth-clients', 'no', '--requirepass', PASSWORD],
      ...['--tls-cert-file', made.certificate, '--tls-key-file', made.key],
      ...['--tls-ca-cert-file', made.authority],
    ]);
    try {
      const url = `rediss://127.0.0.1:${port}`;
      const pictures = join(folder, 'tls-set');
      writeSet(pictures, 1);
      const asked = [
        ...['evaluate', pictures, '--weights', model, '--device', 'cpu'],
        ...['--output', join(folder, 'tls-out'), '--queue', url],
      ];
      const unknown = await runCli(asked, { env });
      assert.equal(unknown.code, 2);
      assert.match(unknown.stderr, /its certificate is not trusted/);
      const trusting = { env: { ...env, NODE_EXTRA_CA_CERTS: made.authority } };
      let isFilled = (): void => undefined;
      const filled = new Promise<void>((resolve) => (isFilled = resolve));
      const many = runCli(asked, { ...trusting, onStderr: (text) => /\b0 workers/.test(text) && isFilled() });
      await Promise.race([filled, many]);
      const worker = await runCli(['worker', '--queue', url], trusting);
      assert.equal(worker.code, 0, worker.stderr);
      const { code, stderr } = await many;
      assert.equal(code, 0, stderr);
      const rows = readFileSync(join(folder, 'tls-out', 'evaluation', 'rows.jsonl'), 'utf8')
        .trimEnd()
        .split('\n');
      assert.equal(rows.length, 3);
    } finally {
      await secure.kill();
    }
  });
});
