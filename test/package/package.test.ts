/** The packed extension: what it holds and weighs, and that it works alone, away from this checkout. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { before, test } from 'node:test';
import { problems } from '../../scripts/package/check.mjs';
import { nativeTarget } from '../../scripts/package/native.mjs';
import { findTarget } from '../../scripts/package/targets.mjs';
import { temporaryFolder } from '../support/temp';
import { makeVsix, readArchive, root, runNode, unpack, type ArchiveEntry } from './vsix';

const here = `${process.platform}-${process.arch}`;
const work = realpathSync(temporaryFolder('package'));
let vsix: string;
let entries: readonly ArchiveEntry[];
let extension: string;

before(() => {
  vsix = makeVsix(join(work, 'out'));
  entries = readArchive(vsix).map((entry) => {
    const bytes = entry.read();
    return { ...entry, read: () => bytes };
  });
  extension = unpack(entries, join(work, 'installed'));
});

test('is under 60 MB and named after its platform', () => {
  const { size } = statSync(vsix);
  assert.ok(size < 60_000_000, `${size} bytes`);
  assert.ok(size > 10_000_000, `${size} bytes are too few to hold both native modules`);
  assert.match(vsix, new RegExp(`inference-lens-${here}-\\d+\\.\\d+\\.\\d+\\.vsix$`));
});

test('holds native files of this platform only', () => {
  const made = entries.map(({ name, read }) => ({ name, target: nativeTarget(read()) }));
  const native = made.filter(({ target }) => target !== null);
  assert.ok(native.length >= 4, `found only ${native.map(({ name }) => name).join(', ')}`);
  for (const { name, target } of native) assert.equal(target, here, name);
});

test('holds no sources, source maps, tests, or detectors that are not used', () => {
  for (const { name } of entries) {
    assert.doesNotMatch(name, /\.(map|tsx?|mts|cts|cc|h)$|\.test\.|\/tests?\//);
    if (name.endsWith('.tflite')) assert.match(name, /face_detection_full_range\.tflite$/);
  }
  for (const name of ['cli', 'client', 'engine', 'server', 'panel'])
    assert.doesNotMatch(
      readFileSync(join(extension, 'dist', `${name}.js`), 'utf8'),
      /sourceMappingURL=\S+\.map/,
    );
});

test('names only files that it holds in its manifest', () => {
  const manifest = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8')) as {
    main: string;
    icon: string;
    private?: boolean;
    scripts?: unknown;
    bin: Record<string, string>;
    dependencies: Record<string, string>;
    contributes: { walkthroughs: { steps: { media: { markdown: string } }[] }[] };
  };
  const media = manifest.contributes.walkthroughs.flatMap(({ steps }) =>
    steps.map((step) => step.media.markdown),
  );
  assert.ok(media.length > 0);
  for (const path of [manifest.main, manifest.icon, ...Object.values(manifest.bin), ...media])
    assert.ok(existsSync(join(extension, path)), path);
  assert.equal(manifest.private, undefined);
  assert.equal(manifest.scripts, undefined);
  assert.deepEqual(Object.keys(manifest.dependencies), ['onnxruntime-node', 'sharp']);
});

test('says whose work it contains, with every license', () => {
  const notices = readFileSync(join(extension, 'THIRD_PARTY_NOTICES.txt'), 'utf8');
  const modules = entries
    .map(({ name }) => /^extension\/node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
  const bundled = ['preact', 'undici', '@vscode/webview-ui-toolkit', 'vscode-languageclient'];
  for (const name of [...modules, ...bundled])
    assert.ok(notices.includes(`\n${name} `), `${name} is not named`);
  for (const words of [
    'Permission is hereby granted, free of charge',
    'GNU LESSER GENERAL PUBLIC LICENSE',
    'GNU GENERAL PUBLIC LICENSE',
    'TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION',
    'The MediaPipe Authors',
    '| libvips ',
  ])
    assert.ok(notices.includes(words), words);
});

test('is refused when a file is missing, foreign, twice there, unwanted or too heavy', () => {
  const target = findTarget(here);
  const other = here === 'win32-x64' ? 'linux-x64' : 'win32-x64';
  const [platform, arch] = other.split('-') as [string, string];
  const binding = ['node_modules/onnxruntime-node/bin/napi-v6', platform, arch, 'onnxruntime_binding.node'];
  const foreign = readFileSync(join(root, ...binding));
  const fake = (name: string, bytes = Buffer.alloc(0)) => ({ name, read: () => bytes });
  const size = 1e6;
  assert.deepEqual(problems(entries, size, target), []);
  assert.match(problems(entries, 60_000_001, target).join(), /60\.0 MB, more than the 60/);
  const fewer = entries.filter(({ name }) => !name.endsWith('onnxruntime_binding.node'));
  assert.match(problems(fewer, size, target).join(), /onnxruntime_binding\.node is missing/);
  assert.match(
    problems([...entries, fake('extension/a.node', foreign)], size, target).join(),
    new RegExp(`made for ${other}, not ${here}`),
  );
  assert.match(
    problems([...entries, fake('extension/dist/cli.js.map')], size, target).join(),
    /does not belong/,
  );
  assert.match(problems([...entries, entries[0]!], size, target).join(), /twice/);
});

/** Writes down, when a process ends, which files it had loaded. */
const witness = `
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
process.on('exit', () => {
  const seen = [...Object.keys(require.cache), ...process.report.getReport().sharedObjects];
  writeFileSync(join(process.env.LENS_WITNESS, process.pid + '.json'), JSON.stringify(seen));
});
`;

test(
  'answers and analyses its sample alone, loading nothing from elsewhere',
  { timeout: 300_000 },
  async () => {
    const seen = join(work, 'seen');
    const elsewhere = join(work, 'elsewhere');
    for (const folder of [seen, elsewhere]) mkdirSync(folder);
    const hook = join(work, 'witness.cjs');
    writeFileSync(hook, witness);
    const env = {
      INFERENCE_LENS_CACHE: join(work, 'cache'),
      LENS_WITNESS: seen,
      NODE_OPTIONS: `--require ${JSON.stringify(hook)}`,
    };
    const cli = (...args: string[]) =>
      runNode([join(extension, 'dist', 'cli.js'), ...args], { cwd: elsewhere, env });

    const version = await cli('--version');
    const { version: expected } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.deepEqual(version, { code: 0, stdout: `inference-lens ${expected}\n`, stderr: '' });

    const doctor = await cli('doctor');
    assert.equal(doctor.code, 0, doctor.stderr);
    assert.match(doctor.stdout, /onnxruntime \d+\.\d+\.\d+, sharp \d+\.\d+\.\d+ \(libvips/);

    const sample = join(extension, 'samples', 'portrait.png');
    const analysis = await cli(
      'analyze',
      sample,
      '--device',
      'cpu',
      '--output',
      join(work, 'reports'),
      '--json',
    );
    assert.equal(analysis.code, 0, analysis.stderr);
    const { ok, folder, report } = JSON.parse(analysis.stdout) as {
      ok: boolean;
      folder: string;
      report: { device: { provider: string } };
    };
    assert.equal(ok, true);
    assert.equal(report.device.provider, 'cpu');
    assert.ok(existsSync(join(folder, 'report.md')));
    assert.equal(readdirSync(join(folder, 'steps', 'c_layers')).length, 20, 'of the network that ships');

    const loaded = readdirSync(seen).flatMap(
      (name) => JSON.parse(readFileSync(join(seen, name), 'utf8')) as string[],
    );
    const modules = loaded.filter((path) => path.includes(`${sep}node_modules${sep}`));
    assert.ok(modules.some((path) => path.endsWith('.node')));
    for (const path of modules) assert.ok(path.startsWith(extension + sep), path);
  },
);

test('carries what the installer of CUDA libraries requires', async () => {
  const script = join(extension, 'node_modules', 'onnxruntime-node', 'script', 'install.js');
  const env = { ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const { code, stderr } = await runNode([script], { cwd: work, env });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

test(
  'is installed and served by `npm run playground`, which leaves nothing behind',
  { timeout: 180_000 },
  async () => {
    const temporary = join(work, 'temporary');
    mkdirSync(temporary);
    const script = join(root, 'scripts', 'playground.mjs');
    const playground = spawn(process.execPath, [script, '--vsix', vsix, '--timeout', '150'], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [playground.stdout, playground.stderr])
      stream.on('data', (data: Buffer) => (output += data.toString()));
    const ended = once(playground, 'close');
    const address = await new Promise<URL>((resolve, reject) => {
      playground.stdout.on('data', () => {
        const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(output)?.[0];
        if (found !== undefined) resolve(new URL(found));
      });
      playground.on('close', () => reject(new Error(output)));
    });
    try {
      const page = await fetch(address);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /workbench/);
      const workspace = address.searchParams.get('folder') ?? '';
      assert.deepEqual(readdirSync(workspace).sort(), ['README.md', 'portrait.png']);
      const data = readdirSync(temporary).find((name) => name.startsWith('lens-vscode-')) ?? '';
      const extensions = readdirSync(join(temporary, data, 'extensions'));
      assert.ok(
        extensions.some((name) => name.startsWith('inference-lens.inference-lens-')),
        extensions.join(),
      );
    } finally {
      playground.kill('SIGINT');
      await ended;
    }
    assert.equal(playground.exitCode, 0, output);
    const left = readdirSync(temporary).filter((name) => name.startsWith('lens-'));
    assert.deepEqual(left, []);
    await assert.rejects(fetch(address));
  },
);
