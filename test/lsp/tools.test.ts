/** The tools for agents as the editor's language models call them, through the built server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callTool } from '../../protocol/requests';
import { encodeModel } from '../../server/src/onnx/write';
import { samplePath } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { startServer } from './server';

const place = temporaryFolder('lsp-tools');

test(
  'a tool is called with the settings; what goes wrong is a failure with a fix',
  { timeout: 120_000 },
  async () => {
    const weights = join(place, 'small.onnx');
    writeFileSync(weights, encodeModel(smallClassifier()));
    const server = await startServer({ weights, device: 'cpu' });
    try {
      const call = (tool: string, input: unknown) =>
        server.ask(callTool, { job: tool, tool, input: JSON.stringify(input) });
      const made = await call('analyze', { image: samplePath });
      assert.ok(made.ok, JSON.stringify(made));
      const [json, picture] = made.value.parts;
      assert.ok(json?.type === 'text' && picture?.type === 'image');
      const answer = JSON.parse(json.text) as { model: { name: string }; report: string };
      assert.equal(answer.model.name, 'small.onnx');
      assert.ok(answer.report.startsWith(server.output), 'reports go where the settings say');
      const wrong = await call('analyse', { image: samplePath });
      assert.ok(!wrong.ok);
      assert.match(wrong.failure.fix ?? '', /Tools are analyze, layers/);
    } finally {
      assert.equal(await server.stop(), 0);
    }
  },
);
