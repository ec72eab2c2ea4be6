/** `inference-lens mcp` driven over its standard input and output, as an agent does. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { AGENT_TOOLS } from '../../protocol/agent-tools';
import type { Report } from '../../protocol/report';
import { encodeModel } from '../../server/src/onnx/write';
import { cliPath, root, runCli, samplePath, testCache } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: { readonly progress: number; readonly progressToken: string };
  readonly result?: Result;
  readonly error?: { readonly code: number; readonly message: string };
}
interface Result {
  readonly protocolVersion?: string;
  readonly tools?: readonly {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: object;
  }[];
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text?: string; readonly data?: string }[];
}

const place = temporaryFolder('mcp');
const model = join(place, 'small.onnx');
writeFileSync(model, encodeModel(smallClassifier()));

/** A client; its program has to end with 0 and to print nothing but messages. */
class Client {
  readonly received: (Message | Message[])[] = [];
  private readonly child = spawn(process.execPath, [cliPath, 'mcp', '--weights', model, '--device', 'cpu'], {
    cwd: root,
    env: { ...process.env, INFERENCE_LENS_CACHE: testCache },
  });
  private waiting: (() => void)[] = [];
  private stderr = '';
  private last = 0;

  constructor() {
    this.child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.received.push(JSON.parse(line) as Message);
      for (const look of this.waiting.splice(0)) look();
    });
  }

  write(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  send(message: object): void {
    this.write(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  async next<M extends Message | Message[]>(fits: (message: Message | Message[]) => boolean): Promise<M> {
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found as M;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  async ask(method: string, params: object = {}): Promise<Message> {
    const id = ++this.last;
    this.send({ id, method, params });
    return this.next(
      (message) => !Array.isArray(message) && message.id === id && message.method === undefined,
    );
  }

  /** What a tool answers: its JSON and the rest. */
  async call(name: string, given: object, meta: object = {}): Promise<{ answer: Answer; result: Result }> {
    const { result, error } = await this.ask('tools/call', { name, arguments: given, ...meta });
    assert.equal(error, undefined, JSON.stringify(error));
    assert.ok(result);
    const text = result.content?.[0]?.text ?? '';
    return { answer: (result.isError === true ? { text } : JSON.parse(text)) as Answer, result };
  }

  async end(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.stdin.end();
    assert.deepEqual(await exited, [0, null]);
    assert.equal(this.stderr, '');
  }
}

interface Answer {
  readonly text?: string;
  readonly verdict?: object;
  readonly report?: string;
  readonly layers?: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly channels?: readonly object[];
  readonly problems?: readonly { readonly message: string; readonly line: number }[];
  readonly ok?: boolean;
  readonly note?: string;
}

describe('an agent', { timeout: 240_000 }, () => {
  let client: Client;
  before(() => {
    client = new Client();
  });
  after(() => client.end());

  test('gets the version that it asks for where it is known, else the newest', async () => {
    for (const [asked, given] of [
      ['2024-11-05', '2024-11-05'],
      ['2025-03-26', '2025-03-26'],
      ['2025-06-18', '2025-06-18'],
      ['2030-01-01', '2025-06-18'],
    ]) {
      const { result } = await client.ask('initialize', { protocolVersion: asked, capabilities: {} });
      assert.equal(result?.protocolVersion, given);
    }
    client.send({ method: 'notifications/initialized' });
    assert.deepEqual((await client.ask('ping')).result, {});
  });

  test('is told of the tools', async () => {
    const { tools = [] } = (await client.ask('tools/list')).result ?? {};
    assert.deepEqual(
      tools.map(({ name }) => name),
      Object.keys(AGENT_TOOLS),
    );
    for (const { description } of tools) assert.doesNotMatch(description, /because/);
    assert.match(tools[0]?.description ?? '', /highlight/);
  });

  test('gets the verdict of `analyze`, a small picture, and progress that rises; then a layer of the report', async () => {
    const golden = await runCli([
      'analyze',
      samplePath,
      '--weights',
      model,
      '--device',
      'cpu',
      '--json',
      '--output',
      join(place, 'golden'),
    ]);
    const { report } = JSON.parse(golden.stdout) as { report: Report };
    const meta = { _meta: { progressToken: 'mine' } };
    const { answer, result } = await client.call('analyze', { image: samplePath }, meta);
    assert.deepEqual(answer.verdict, {
      label: report.classifier.predicted.label,
      index: report.classifier.predicted.index,
      probability: report.classifier.confidence,
    });
    const picture = await sharp(Buffer.from(result.content?.[1]?.data ?? '', 'base64')).metadata();
    assert.ok(picture.format === 'png' && Math.max(picture.width, picture.height) <= 448);
    const progress = client.received.flatMap((message) =>
      Array.isArray(message) || message.params?.progressToken !== 'mine' ? [] : [message.params.progress],
    );
    assert.ok(progress.length > 2);
    assert.deepEqual(
      progress,
      [...new Set(progress)].sort((a, b) => a - b),
    );

    const layer = await client.call('explain_layer', { report: answer.report, layer: 'conv2', channels: 3 });
    assert.equal(layer.answer.channels?.length, 3);
    assert.match(layer.answer.note ?? '', /does not say why/);
    assert.equal(layer.result.content?.[1]?.type, 'image');
  });

  test('lists layers and checks lenses', async () => {
    const { answer } = await client.call('layers', { model, pattern: 'conv*' });
    assert.deepEqual(
      answer.layers?.map(({ name, shape }) => [name, shape]),
      [
        ['conv1', [1, 8, 32, 32]],
        ['conv2', [1, 6, 32, 32]],
      ],
    );
    const lens = join(place, 'wrong.lens.json');
    writeFileSync(lens, '{\n  "model": "small.onnx",\n  "labels": ["a"]\n}');
    const checked = await client.call('lint_lens', { lens });
    assert.equal(checked.answer.ok, false);
    assert.equal(checked.answer.problems?.[0]?.line, 3);
    assert.match(checked.answer.problems[0].message, /names 1 class/);
  });

  test('a failure says what to do; the protocol is followed', async () => {
    const wrong: readonly (readonly [tool: string, given: object, answer: RegExp])[] = [
      ['analyze', { image: join(place, 'none.png') }, /none\.png/],
      ['analyze', { imag: samplePath }, /no argument "imag".*Did you mean "image"/],
      ['analyze', {}, /needs the argument "image"/],
      ['analyze', { image: 5 }, /"image" should be a non-empty string/],
      ['explain_layer', { image: samplePath, layer: 'conv9' }, /no layer "conv9".*Did you mean "conv[12]"/],
      ['lint_lens', { lens: join(place, 'none.lens.json') }, /found no file there/],
      ['layers', { model: join(place, 'none.onnx') }, /There is no file/],
    ];
    for (const [tool, given, expected] of wrong) {
      const { answer, result } = await client.call(tool, given);
      assert.equal(result.isError, true);
      assert.match(answer.text ?? '', expected);
    }
    assert.equal((await client.ask('tools/call', { name: 'delete_everything' })).error?.code, -32602);
    assert.equal((await client.ask('resources/list')).error?.code, -32601);
    client.write('{"jsonrpc":');
    await client.next((message) => !Array.isArray(message) && message.error?.code === -32700);
    client.write('[{"jsonrpc":"2.0","id":"a","method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"}]');
    assert.deepEqual(await client.next(Array.isArray), [{ jsonrpc: '2.0', id: 'a', result: {} }]);
  });

  test('a call that is cancelled is not answered, and the next one is', async () => {
    const params = { name: 'analyze', arguments: { image: samplePath } };
    client.send({ id: 'stopped', method: 'tools/call', params });
    client.send({ method: 'notifications/cancelled', params: { requestId: 'stopped' } });
    await client.call('analyze', { image: samplePath });
    assert.ok(!client.received.some((message) => !Array.isArray(message) && message.id === 'stopped'));
  });
});

test('options alone are taken', async () => {
  const { code, stderr } = await runCli(['mcp', 'picture.png']);
  assert.equal(code, 2);
  assert.match(stderr, /mcp takes only options; found "picture\.png"/);
});
