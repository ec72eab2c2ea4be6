/** Lens files in an editor, through the built server: problems as one types, completion, hover, links, quick fixes. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type {
  CodeAction,
  CompletionItem,
  Diagnostic,
  DocumentLink,
  Hover,
  Location,
  TextEdit,
} from 'vscode-languageserver-types';
import { encodeModel } from '../../server/src/onnx/write';
import { TextDocument } from '../../server/src/language/text-document';
import { createLens } from '../../protocol/requests';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { startServer, type RunningServer } from './server';

const place = temporaryFolder('lens-language');
mkdirSync(join(place, 'weights'));
writeFileSync(join(place, 'weights', 'small.onnx'), encodeModel(smallClassifier()));
writeFileSync(join(place, 'names.txt'), 'cat\ndog\nhorse\n');

let server: RunningServer;
const published = new Map<string, Diagnostic[]>();
let waiting: (() => void)[] = [];

before(async () => {
  server = await startServer();
  server.connection.onNotification(
    'textDocument/publishDiagnostics',
    ({ uri, version, diagnostics }: { uri: string; version?: number; diagnostics: Diagnostic[] }) => {
      published.set(`${uri} ${version ?? ''}`, diagnostics);
      for (const look of waiting.splice(0)) look();
    },
  );
});
after(async () => {
  assert.equal(await server.stop(), 0);
  assert.equal(server.stderr(), '');
});

let count = 0;

/** A document that is open in the editor; `|` stands where the cursor is. */
class Open {
  readonly uri: string;
  private version = 1;
  private text: string;
  private cursor: number;

  constructor(marked: string, name = `lens ${++count}.lens.json`) {
    this.uri = pathToFileURL(join(place, name)).href;
    this.cursor = marked.indexOf('|');
    this.text = marked.replace('|', '');
    void server.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: this.uri, languageId: 'inference-lens', version: 1, text: this.text },
    });
  }

  change(text: string): this {
    this.text = text;
    this.version += 1;
    void server.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: this.uri, version: this.version },
      contentChanges: [{ text }],
    });
    return this;
  }

  /** Of the present text. */
  async problems(): Promise<Diagnostic[]> {
    for (;;) {
      const found = published.get(`${this.uri} ${this.version}`);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (waiting = [...waiting, resolve]));
    }
  }

  /** What is marked by them, each with its code. */
  async marked(): Promise<string[]> {
    return (await this.problems()).map(({ code, range }) => `${code}: ${this.at(range)}`);
  }

  /** Until these and no others are marked. */
  async marks(...wanted: string[]): Promise<void> {
    while ((await this.marked()).toSorted().join() !== wanted.toSorted().join())
      await new Promise<void>((resolve) => (waiting = [...waiting, resolve]));
  }

  private at({ start, end }: Diagnostic['range']): string {
    const document = new TextDocument(this.uri, '', 0, this.text);
    return this.text.slice(document.offsetAt(start), document.offsetAt(end));
  }

  ask<Answer>(method: string, more: object = {}): Promise<Answer> {
    const position = new TextDocument(this.uri, '', 0, this.text).positionAt(Math.max(this.cursor, 0));
    return server.connection.sendRequest(method, { textDocument: { uri: this.uri }, position, ...more });
  }

  async completed(): Promise<CompletionItem[]> {
    return this.ask('textDocument/completion');
  }

  /** The text once a fix is applied. */
  async fixed(title: RegExp): Promise<string> {
    const range = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };
    const actions = await this.ask<CodeAction[]>('textDocument/codeAction', {
      range,
      context: { diagnostics: [] },
    });
    const action = actions.find((each) => title.test(each.title));
    assert.ok(action, `no ${title.source} among ${actions.map((each) => each.title).join('; ')}`);
    return this.applied(action.edit?.changes?.[this.uri] ?? []);
  }

  applied(edits: readonly TextEdit[]): string {
    const document = new TextDocument(this.uri, '', 0, this.text);
    return edits
      .toSorted((a, b) => document.offsetAt(b.range.start) - document.offsetAt(a.range.start))
      .reduce(
        (text, { range, newText }) =>
          text.slice(0, document.offsetAt(range.start)) + newText + text.slice(document.offsetAt(range.end)),
        this.text,
      );
  }
}

const model = '"model": "weights/small.onnx"';
const labelsOf = (items: readonly CompletionItem[]): string[] => items.map(({ label }) => label);

describe('problems as one types', { timeout: 120_000 }, () => {
  test('unknown keys and words at their places, with a fix; then what the network says; then none', async () => {
    const lens = new Open(`{\n  ${model},\n  "labls": ["a"],\n  "methods": ["gradcm"]\n}`);
    assert.deepEqual(await lens.marked(), ['schema: "labls"', 'schema: "gradcm"']);
    lens.change(await lens.fixed(/Change to "labels"/));
    // What the text shows comes at once, what the network says follows.
    await lens.marks('schema: "gradcm"', 'labels: ["a"]');
    lens.change(await lens.fixed(/Change to "gradcam"/));
    assert.deepEqual(await lens.marked(), ['labels: ["a"]']);
    assert.match(
      (await lens.problems())[0]?.message ?? '',
      /names 1 class \(a\); small\.onnx \(onnx\) has 3 classes/,
    );
    lens.change(`{ ${model}, "labels": "names.txt" }`);
    assert.deepEqual(await lens.problems(), []);
  });

  test('several at once: a missing file, a size, a layer and a target that there are not', async () => {
    const lens = new Open(
      `{ ${model}, "labels": "gone.txt", "input": { "size": 32 }, "layers": ["conv*", "conv7"], "target": "hat" }`,
    );
    assert.deepEqual(await lens.marked(), [
      'labels: "gone.txt"',
      'fit: 32',
      'layers: "conv7"',
      'target: "hat"',
    ]);
    const text = await lens.fixed(/Change to "conv[12]"/);
    assert.match(text, /"layers": \["conv\*", "conv[12]"\]/);
  });

  test('text that is no JSON; a model that is not there; what is closed has no problems', async () => {
    const lens = new Open('{ "model": ');
    assert.deepEqual(await lens.marked(), ['syntax: ']);
    lens.change('{ "model": "weights/none.onnx" }');
    assert.deepEqual(await lens.marked(), ['model: "weights/none.onnx"']);
    await server.connection.sendNotification('textDocument/didClose', { textDocument: { uri: lens.uri } });
    for (let turn = 0; turn < 1000 && published.get(`${lens.uri} `) === undefined; turn++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(published.get(`${lens.uri} `), []);
  });

  const normalize = '{ "step": "normalize", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }';
  const steps = (...list: string[]) => `{ ${model}, "preprocess": [\n${list.join(',\n')}\n] }`;
  const resize = '{ "step": "resize" }';
  const rescale = '{ "step": "rescale" }';
  const lints: readonly (readonly [code: string, text: string, fix: RegExp])[] = [
    ['normalized-twice', steps(resize, rescale, normalize, normalize), /Remove step 4/],
    ['not-rescaled', steps(resize, '{ "step": "rescale", "factor": 1 }', normalize), /rescales 0\.\.255/],
    [
      'channel-order-doubt',
      steps(resize, '{ "step": "channels", "order": "BGR" }', rescale, normalize),
      /into the order RGB/,
    ],
  ];
  for (const [code, text, fix] of lints)
    test(`lint: ${code}, and its fix mends it`, async () => {
      const lens = new Open(text);
      const codes = (await lens.problems()).map((each) => each.code);
      assert.ok(codes.includes(code), codes.join(', '));
      lens.change(await lens.fixed(fix));
      assert.ok(!(await lens.problems()).some((each) => each.code === code || each.severity === 1));
    });

  test('steps that keep the size fit pictures of the network’s size: a warning, and no error', async () => {
    const [found, ...more] = await new Open(steps(rescale)).problems();
    assert.deepEqual([found?.code, found?.severity, more], ['steps', 2, []]);
    assert.match(found?.message ?? '', /only pictures of 64 x 64 pixels .*end with a resize/s);
  });
});

describe('completion', { timeout: 120_000 }, () => {
  const cases: readonly (readonly [what: string, text: string, some: readonly string[]])[] = [
    ['keys', '{ "|" }', ['labels', 'preprocess', 'layers']],
    ['words', '{ "methods": ["|"] }', ['gradcam', 'layercam']],
    ['steps', '{ "preprocess": [ | ] }', ['resize', 'crop', 'normalize']],
    ['names of steps', '{ "preprocess": [{ "step": "|" }] }', ['resize', 'crop']],
    ['parameters of the step', '{ "preprocess": [{ "step": "resize", "|" }] }', ['fit', 'antialias']],
    ['words of a parameter', '{ "preprocess": [{ "step": "resize", "fit": | }] }', ['letterbox']],
    ['layers of the model', `{ ${model}, "layers": ["|"] }`, ['conv1', 'conv2', 'pool']],
    ['classes', `{ ${model}, "labels": "names.txt", "target": "|" }`, ['predicted', 'cat', 'horse']],
    ['files and folders', '{ "labels": "|" }', ['names.txt', 'weights/']],
    ['files in a folder', '{ "model": "weights/|" }', ['weights/small.onnx']],
  ];
  for (const [what, text, some] of cases)
    test(what, async () => {
      const found = labelsOf(await new Open(text).completed());
      for (const each of some) assert.ok(found.includes(each), `${each} is not among ${found.join(', ')}`);
      if (what.startsWith('parameters')) assert.ok(!found.includes('mean'), 'of this step alone');
    });

  test('of classes that share a name each is taken by its index', async () => {
    const lens = new Open(`{ ${model}, "labels": ["crane", "cat", "crane"], "target": "|" }`);
    const taken = (await lens.completed())
      .filter(({ label }) => label !== 'predicted')
      .map((item) => [item.label, JSON.parse((item.textEdit as TextEdit).newText) as string]);
    assert.deepEqual(taken, [
      ['crane (class 0)', '0'],
      ['cat', 'cat'],
      ['crane (class 2)', '2'],
    ]);
  });

  test('what is taken gives a lens: a key with its value, a step with what it needs', async () => {
    const key = new Open('{ "|" }');
    const item = (await key.completed()).find(({ label }) => label === 'layers');
    assert.equal(key.applied([item?.textEdit as TextEdit]), '{ "layers": ["*"] }');
    const step = new Open('{ "preprocess": [ | ] }');
    const channels = (await step.completed()).find(({ label }) => label === 'channels');
    assert.equal(
      step.applied([channels?.textEdit as TextEdit]),
      '{ "preprocess": [ { "step": "channels", "order": "RGB" } ] }',
    );
  });
});

describe('hover and links', { timeout: 120_000 }, () => {
  const hovered = async (text: string): Promise<string> => {
    const lens = new Open(text);
    await lens.problems();
    const hover = await lens.ask<Hover | null>('textDocument/hover');
    return hover === null ? '' : (hover.contents as { value: string }).value;
  };

  test('what a key means; of a pattern the layers that it takes; of the model all values with their origins', async () => {
    assert.match(
      await hovered('{ "preprocess": [{ "step": "resize", "f|it": "exact" }] }'),
      /shorter: the aspect is kept/,
    );
    const step = await hovered('{ "preprocess": [{ "step": "norm|alize", "mean": 0.5, "std": 0.5 }] }');
    assert.equal(step, 'Normalize\n\n(value - mean) / std, as float32.');
    const layers = await hovered(`{ ${model}, "layers": ["con|v*"] }`);
    assert.match(layers, /2 of \d+ layers of small\.onnx/);
    assert.match(layers, /`conv1`: 1 x 8 x 32 x 32, Conv/);
    const all = await hovered(`{ "mo|del": "weights/small.onnx" }`);
    assert.match(all, /input 1 x 3 x 64 x 64, 3 classes/);
    assert.match(all, /`input\.layout`: `"NCHW"`/);
  });

  test('files that are there are links and can be gone to', async () => {
    const lens = new Open('{ "model": "weights/sm|all.onnx", "labels": "gone.txt" }');
    const links = await lens.ask<DocumentLink[]>('textDocument/documentLink');
    const target = pathToFileURL(join(place, 'weights', 'small.onnx')).href;
    assert.deepEqual(
      links.map((link) => link.target),
      [target],
    );
    assert.equal((await lens.ask<Location>('textDocument/definition')).uri, target);
  });
});

test('a lens is written beside its model once, with its origins, and is valid', async () => {
  writeFileSync(join(place, 'new.onnx'), encodeModel(smallClassifier()));
  const question = { job: 'create', path: join(place, 'new.onnx') };
  const made = await server.ask(createLens, question);
  assert.ok(made.ok, JSON.stringify(made));
  assert.equal(made.value.path, join(place, 'new.lens.json'));
  assert.deepEqual(await new Open('{}', 'new.lens.json').problems(), []);
  const again = await server.ask(createLens, question);
  assert.ok(!again.ok);
  assert.match(again.failure.message, /new\.lens\.json already exists/);
});
