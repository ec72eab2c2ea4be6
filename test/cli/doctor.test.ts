/** `inference-lens doctor` on machines whose NVIDIA software is whole, half, old or hidden: what it says and how it ends. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DoctorLine } from '../../protocol/requests';
import { exitCodes } from '../../server/src/cli/exit-codes';
import { runtimeFolder } from '../../server/src/runtime/devices';
import type { Finished } from '../support/cli';
import { runCli } from '../support/cli';
import { CudaMachine, cuda12, cuda13, cudnn9, standard } from '../support/cuda-machine';
import { temporaryFolder } from '../support/temp';

const skip =
  process.platform === 'linux' && process.arch === 'x64' ? false : 'CUDA is looked for on Linux x64 only';
const temporary = temporaryFolder('doctor');
chmodSync(temporary, 0o755);

const machine = (): CudaMachine => {
  const made = new CudaMachine(temporary, runtimeFolder());
  chmodSync(made.root, 0o755);
  return made;
};
const complete = (): CudaMachine =>
  machine()
    .driver('580.65.06')
    .provider()
    .library(standard, 'libcuda.so.1', ...cuda13, ...cudnn9);

const doctor = (on: CudaMachine, args: readonly string[] = [], uid?: number): Promise<Finished> =>
  runCli(['doctor', ...args], {
    env: { INFERENCE_LENS_SYSTEM_ROOT: on.root, LD_LIBRARY_PATH: '', ...on.env },
    ...(uid === undefined ? {} : { uid }),
  });

async function lines(on: CudaMachine, uid?: number): Promise<readonly DoctorLine[]> {
  const { stdout, stderr } = await doctor(on, ['--json'], uid);
  assert.notEqual(stdout, '', stderr);
  return (JSON.parse(stdout) as DoctorLine[]).filter(({ topic }) => topic.startsWith('CUDA'));
}

test('no driver: CUDA is not available, why, and nothing about what else is missing', { skip }, async () => {
  const { code, stdout } = await doctor(machine());
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^! {3}device cuda +not available: no NVIDIA driver: neither .* is there\n +-> Install/m,
  );
  assert.doesNotMatch(stdout, /^.{4}CUDA /m);
});

test(
  'everything in its place, but no GPU to run it: the device is the problem, and the code says so',
  { skip },
  async () => {
    const { code, stdout } = await doctor(complete());
    assert.equal(code, exitCodes.device);
    assert.match(stdout, /^BAD device cuda +found \(driver 580\.65\.06, .*\) but does not compute: /m);
    assert.equal([...stdout.matchAll(/^ok {2}CUDA (driver|provider|libraries|cuDNN) /gm)].length, 4, stdout);
  },
);

const dangling = (): CudaMachine => {
  const made = complete();
  const path = join(made.root, standard, 'libcudart.so.13');
  unlinkSync(path);
  symlinkSync('libcudart.so.13.0.96', path);
  return made;
};

const rows: readonly (readonly [string, CudaMachine, DoctorLine['topic'], RegExp, RegExp])[] = [
  [
    'a driver too old for the CUDA of the provider',
    machine()
      .driver('570.124.06')
      .provider()
      .library(standard, 'libcuda.so.1', ...cuda13, ...cudnn9),
    'CUDA driver',
    /570\.124\.06 is too old: CUDA 13 needs 580\.65\.06 or newer, found 570\.124\.06 \(.*libcuda\.so\.1\)$/,
    /Update the NVIDIA driver/,
  ],
  [
    'CUDA 12 instead of 13',
    machine()
      .driver('580.65.06')
      .provider()
      .library(standard, 'libcuda.so.1', ...cuda12, ...cudnn9),
    'CUDA libraries',
    /libcudart\.so\.13 was not found, but \/.*\/libcudart\.so\.12$/,
    /Install CUDA 13\./,
  ],
  [
    'cuDNN 8 instead of 9',
    machine()
      .driver('580.65.06')
      .provider()
      .library(standard, 'libcuda.so.1', 'libcudnn.so.8', ...cuda13),
    'CUDA cuDNN',
    /libcudnn\.so\.9 was not found, but \/.*\/libcudnn\.so\.8;/,
    /Install cuDNN 9 for CUDA 13\./,
  ],
  [
    'a link to nothing',
    dangling(),
    'CUDA libraries',
    /libcudart\.so\.13 is a link to libcudart\.so\.13\.0\.96, which does not exist$/,
    /Install CUDA 13\./,
  ],
  [
    "WSL's driver where the loader does not look",
    machine()
      .wsl()
      .provider()
      .library('usr/lib/wsl/lib', 'libcuda.so.1')
      .library(standard, ...cuda13, ...cudnn9),
    'CUDA driver',
    /libcuda\.so\.1 is in \/.*\/usr\/lib\/wsl\/lib, where the loader does not look$/,
    /LD_LIBRARY_PATH=\/.*\/usr\/lib\/wsl\/lib$/,
  ],
];
for (const [name, on, topic, text, fix] of rows) {
  test(`${name}: one line with what was expected, found and to do`, { skip }, async () => {
    const wrong = (await lines(on)).filter(({ state }) => state !== 'ok');
    assert.deepEqual(
      wrong.map((line) => line.topic),
      [topic],
    );
    assert.match(wrong[0]?.text ?? '', text);
    assert.match(wrong[0]?.fix ?? '', fix);
  });
}

test(
  'a library that this user may not read',
  { skip: skip || process.getuid?.() !== 0 ? 'needs root, to be somebody else' : false },
  async () => {
    const on = complete();
    chmodSync(join(on.root, standard, 'libcublas.so.13'), 0o600);
    const wrong = (await lines(on, 65_534)).filter(({ state }) => state !== 'ok');
    assert.match(wrong[0]?.text ?? '', /^CUDA 13 is not complete: .*libcublas\.so\.13 cannot be read$/);
    assert.equal(wrong[0]?.fix, 'Let this user read these files (`chmod a+r`).');
  },
);

test(
  '--install-cuda without a way out says why and what to do, and leaves nothing behind',
  { skip },
  async () => {
    const folder = join(runtimeFolder(), '..', '..', '..', '..');
    const before = readdirSync(folder);
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' };
    const { code, stdout, stderr } = await runCli(['doctor', '--install-cuda'], { env });
    assert.equal(code, exitCodes.device);
    assert.equal(stdout, '');
    assert.match(stderr, /could not be fetched from api\.nuget\.org: .*ECONNREFUSED.*Nothing was changed\./);
    assert.match(
      stderr,
      /set HTTPS_PROXY\. Without a network, unpack libonnxruntime_providers_cuda\.so and /,
    );
    assert.deepEqual(readdirSync(folder), before);
  },
);
