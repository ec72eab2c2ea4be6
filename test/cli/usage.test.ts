/** What the command line says of itself, and the exit codes that need no image. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInLenses } from '../../server/src/lens/lens-file';
import { runCli, samplePath } from '../support/cli';
import {
  CAM_METHODS,
  CROP_MODES,
  DETECTOR_CHOICES,
  DEVICE_CHOICES,
  idsOf,
  type Word,
} from '../../protocol/vocabulary';

test('--help names every choice there is', async () => {
  const { code, stdout, stderr } = await runCli(['--help']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  const choices = [CAM_METHODS, CROP_MODES, DETECTOR_CHOICES, DEVICE_CHOICES].flatMap((list) =>
    idsOf<readonly Word[]>(list),
  );
  for (const word of [...choices, ...builtInLenses()])
    assert.ok(stdout.includes(word), `help does not mention ${word}`);
  assert.match(stdout, /Examples/);
});

const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no command', [], /^$/],
  ['an unknown command', ['anaylze'], /no command "anaylze"/],
  ['no image', ['analyze'], /No image was given/],
  ['an unknown option', ['analyze', 'a.png', '--wieghts', 'x'], /--wieghts/],
  [
    'an unknown pipeline',
    ['analyze', samplePath, '--pipeline', 'x'],
    /no pipeline "x".*Choose one of: fsbi/s,
  ],
  ['an unknown lens', ['analyze', samplePath, '--lens', 'fsb'], /no lens "fsb".*Did you mean "fsbi"/s],
  ['an unknown target', ['analyze', samplePath, '--target', 'cat'], /target.*"cat".*real, fake/is],
];
for (const [name, args, message] of usage) {
  test(`exit code 2: ${name}`, async () => {
    const { code, stderr } = await runCli(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  });
}

test('exit code 4: weights that are not there', async () => {
  const { code, stderr } = await runCli(['analyze', samplePath, '--weights', 'nowhere.pth']);
  assert.equal(code, 4, stderr);
  assert.match(stderr, /nowhere\.pth/);
});

test('exit code 5: a device that this machine lacks', async () => {
  const { code, stderr } = await runCli([
    'analyze',
    samplePath,
    '--device',
    process.platform === 'darwin' ? 'directml' : 'coreml',
  ]);
  assert.equal(code, 5, stderr);
  assert.match(stderr, /needs (macOS|Windows)/);
});

test('doctor lists versions, every device, cache and models', async () => {
  const { code, stdout } = await runCli(['doctor']);
  assert.equal(code, 0, stdout);
  for (const topic of ['version', 'runtime', 'device cuda', 'device webgpu', 'device cpu', 'cache', 'model'])
    assert.match(stdout, new RegExp(topic));
});

for (const [command, subject] of [
  ['analyze', ['nowhere.png']],
  ['check', ['nowhere.check.json']],
  ['evaluate', ['nowhere']],
  ['mcp', []],
] as const)
  test(`${command} says once that --pipeline is deprecated and what to write, but not where quiet is requested`, async () => {
    const notices = async (...options: readonly string[]) => {
      const { stderr } = await runCli([command, ...subject, ...options]);
      return stderr.split('\n').filter((line) => line.includes('deprecated'));
    };
    assert.deepEqual(await notices('--pipeline', 'sbi'), [
      'note: --pipeline is deprecated; use --lens sbi instead.',
    ]);
    assert.deepEqual(await notices('--pipeline=sbi', '--lens', 'imagenet'), [
      'note: --pipeline is deprecated, and ignored because --lens is given.',
    ]);
    assert.deepEqual(await notices('--lens', 'sbi'), []);
    assert.deepEqual(await notices('--pipeline', 'sbi', '--quiet'), []);
  });
