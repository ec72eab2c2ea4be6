/** Checkpoints through the built command line: several state dicts, several files, names that run code, files that are none. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Report } from '../../protocol/report';
import type { CliOptions, Finished } from '../support/cli';
import { samplePath } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { expanded, expandedFile } from '../support/checkpoints/expanded';
import { p } from '../support/checkpoints/pickle-writer';
import { readReport } from '../support/report';
import { sharedFile } from '../support/shared';
import { writeShards } from '../support/shards';
import { temporaryFolder } from '../support/temp';
import { savedShapes } from '../unit/architectures/state-dicts';

const folder = temporaryFolder('cli-checkpoints');
const cli: CliOptions = { env: { INFERENCE_LENS_CACHE: join(folder, 'cache') } };
const resnet = savedShapes('torchvision/resnet18');

/** In one layer: what is read here is what was run and its outputs. */
const analyze = (weights: string, ...more: readonly string[]): Promise<Finished> =>
  residentCli(
    [
      ...['analyze', samplePath],
      ...['--pipeline', 'imagenet', '--detector', 'none', '--layers', 'last'],
      ...['--weights', weights, '-o', join(folder, 'out'), '--json'],
      ...more,
    ],
    cli,
  );

async function reportOf(weights: string, ...more: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await analyze(weights, ...more);
  assert.equal(code, 0, stderr);
  const { folder: at } = JSON.parse(stdout) as { folder: string };
  return readReport(at);
}

const close = (found: readonly unknown[], expected: readonly number[]): void =>
  expected.forEach((value, i) =>
    assert.ok(
      Math.abs(Number(found[i]) - value) <= 1e-4 * Math.abs(value),
      `${String(found[i])}, expected ${value}`,
    ),
  );

function write(name: string, bytes: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('several state dicts', () => {
  const both = { state_dict: expanded(resnet), state_dict_ema: expanded(resnet, 1) };

  test('the report says which was read; --state-dict takes the other', async () => {
    const path = write(
      'both.pth',
      expandedFile({ ...both, mode: p.join(p.global('train', 'Mode'), p.emptyTuple, p.reduce) }),
    );
    const usual = await reportOf(path);
    const codes = usual.warnings.map(({ code }) => code);
    assert.ok(codes.includes('several-state-dicts') && codes.includes('unknown-names'), codes.join());
    assert.equal(usual.model.checkpoint?.stateDict, 'state_dict');
    const other = await reportOf(path, '--state-dict', 'state_dict_ema');
    assert.deepEqual(
      [other.model.checkpoint?.stateDict, other.model.checkpoint?.requestedStateDict],
      ['state_dict_ema', 'state_dict_ema'],
    );
    assert.ok(!other.warnings.some(({ code }) => code === 'several-state-dicts'));
    assert.notDeepEqual(other.classifier.logits, usual.classifier.logits);
  });

  test('where nothing tells which, the failure names the option; import takes it, and the store keeps it', async () => {
    const path = write('two.pth', expandedFile({ student: expanded(resnet), teacher: expanded(resnet, 1) }));
    const refused = await analyze(path);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /holds 2 state dicts, "student", "teacher"/);
    assert.match(refused.stderr, /Choose one with --state-dict: student, teacher\./);
    const imported = await residentCli(
      ['models', 'import', path, '--as', 'two', '--state-dict', 'teacher', '--json'],
      cli,
    );
    assert.equal(imported.code, 0, imported.stderr);
    assert.equal((JSON.parse(imported.stdout) as { stateDict: string }).stateDict, 'teacher');
    const report = await reportOf('two');
    assert.equal(report.model.checkpoint?.stateDict, 'teacher');
    const shown = await residentCli(['models', 'show', 'two'], cli);
    assert.equal(shown.code, 0, shown.stderr);
  });

  test('a state dict of what holds none is a mistake', async () => {
    const { code, stderr } = await analyze('demo', '--state-dict', 'ema');
    assert.equal(code, 2);
    assert.match(stderr, /Leave --state-dict out/);
  });
});

test('a checkpoint in several files: index, part and folder; imported it is one entry', async () => {
  const parts = join(folder, 'parts');
  mkdirSync(parts);
  const [index = '', first = ''] = writeShards(folder, parts);
  const reports = [
    await reportOf(join(parts, index)),
    await reportOf(join(parts, first)),
    await reportOf(parts),
  ];
  const logits = reports.map(({ classifier }) => classifier.logits);
  assert.deepEqual(logits[1], logits[0]);
  assert.deepEqual(logits[2], logits[0]);
  const imported = await residentCli(['models', 'import', parts, '--as', 'parts', '--json'], cli);
  assert.equal(imported.code, 0, imported.stderr);
  assert.equal((JSON.parse(imported.stdout) as { files: unknown[] }).files.length, 3);
  assert.deepEqual((await reportOf('parts')).classifier.logits, logits[0]);
  const verified = await residentCli(['models', 'verify', 'parts'], cli);
  assert.match(verified.stdout, /^parts is intact/);
});

describe('a folder as Hugging Face’s transformers saves it', () => {
  const saved = join(folder, 'hub');
  const config = { model_type: 'convnextv2', hidden_act: 'gelu', id2label: { 0: 'Real', 1: 'Fake' } };
  const write = (file: string, text: string | Buffer): void => writeFileSync(join(saved, file), text);

  test('network, classes and preparation are read from it', async () => {
    mkdirSync(saved);
    write('pytorch_model.bin', expandedFile({ '': expanded(savedShapes('transformers/convnextv2_atto')) }));
    write('config.json', JSON.stringify(config));
    write(
      'preprocessor_config.json',
      JSON.stringify({ image_processor_type: 'ConvNextImageProcessor', size: { shortest_edge: 224 } }),
    );
    const { code, stdout, stderr } = await residentCli(
      ['analyze', samplePath, '--weights', saved, '--layers', 'last', '-o', join(folder, 'out'), '--json'],
      cli,
    );
    assert.equal(code, 0, stderr);
    const { model, classifier, lens, layers } = readReport((JSON.parse(stdout) as { folder: string }).folder);
    assert.match(
      model.checkpoint?.readAs ?? '',
      /^Read as transformers\/convnextv2_atto, by names and shapes/,
    );
    assert.deepEqual(classifier.labels, ['Real', 'Fake']);
    assert.match(JSON.stringify(lens?.values), /ConvNextImageProcessor of .*preprocessor_config\.json/);
    assert.deepEqual(
      layers.map(({ name }) => name),
      ['convnextv2.encoder.stages.3.layers.1'],
    );
  });

  test('where config.json says another network than can be built, nothing is computed, and nothing imported', async () => {
    write('config.json', JSON.stringify({ ...config, hidden_act: 'relu' }));
    for (const command of [
      ['analyze', samplePath, '--weights', saved, '-o', join(folder, 'out')],
      ['models', 'import', saved, '--as', 'hub'],
    ]) {
      const { code, stderr } = await residentCli(command, cli);
      assert.equal(code, 4, stderr);
      assert.match(stderr, /config\.json says that hidden_act is "relu"; transformers\/convnextv2_atto/);
    }
    assert.doesNotMatch((await residentCli(['models', 'list'], cli)).stdout, /hub/);
  });
});

const refusals: readonly (readonly [name: string, bytes: Buffer | string, message: RegExp, fix: RegExp])[] = [
  [
    'bad.pth',
    'hello world',
    /bad\.pth is not a PyTorch, safetensors or ONNX file\. It is text that begins with "hello world"\./,
    /safetensors/,
  ],
  [
    'page.pth',
    '<!DOCTYPE html><html>',
    /page\.pth is not a PyTorch, safetensors or ONNX file\. It is an HTML page\./,
    /Download the file itself/,
  ],
  [
    'uuid.pkl',
    Buffer.from('\x80\x02cuuid\n_get_command_stdout\n(X\x04\0\0\0echoX\x01\0\0\0xtR.', 'latin1'),
    /would run uuid\._get_command_stdout/,
    /Do not open this file in Python/,
  ],
];
for (const [name, bytes, message, fix] of refusals)
  test(`${name} is refused`, async () => {
    const { code, stderr } = await analyze(write(name, bytes));
    assert.equal(code, 4);
    assert.match(stderr, message);
    assert.match(stderr, fix);
    assert.doesNotMatch(stderr, /(?<!not )open (it|this file) in Python/);
  });

describe('values of PyTorch', () => {
  const rows: readonly (readonly [file: string, logits: readonly number[], ...options: string[]])[] = [
    ['extra-tensors/swa_averaged_model.tar', [6166.6855, 2687.4812]],
    ['two-state-dicts/state_dict_and_ema.tar', [8804.708, -3001.9709], '--state-dict', 'state_dict_ema'],
    ['renamed-head/icpr_layout.pth', [-0.0174]],
  ];
  for (const [file, logits, ...options] of rows)
    test(file, async (t) => {
      const path = sharedFile(t, `cases/${file}`);
      if (path === null) return;
      const report = await reportOf(path, ...options);
      if (logits.length === 1)
        assert.ok(Math.abs(Number(report.classifier.logits[0]) - (logits[0] ?? 0)) < 5e-5);
      else close(report.classifier.logits, logits);
    });

  for (const file of ['harmless-objects/numpy_randomstate.tar', 'false-alarm/partial_beside_weights.tar'])
    test(`${file} is read`, async (t) => {
      const path = sharedFile(t, `cases/${file}`);
      if (path === null) return;
      const { code, stdout, stderr } = await residentCli(['models', 'import', path], cli);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /torchvision\/resnet18 \(classifier\)/);
    });

  test('float8 is named as what it is', async (t) => {
    const path = sharedFile(t, 'cases/wrong-diagnosis/fp8.safetensors');
    if (path === null) return;
    const { code, stderr } = await analyze(path);
    assert.equal(code, 4);
    assert.match(stderr, /float8 is not read; convert to float16/);
    assert.doesNotMatch(stderr, /damaged/);
  });
});
