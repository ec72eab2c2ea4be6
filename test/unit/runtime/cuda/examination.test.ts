/** What is wrong with CUDA on a machine: folders with real library files, from nothing at all to everything in its place. */
import assert from 'node:assert/strict';
import { readdirSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixFor } from '../../../../server/src/cli/remedies';
import { cudaLines } from '../../../../server/src/engine/doctor';
import { LensError } from '../../../../server/src/errors';
import { withMissingParts } from '../../../../server/src/runtime/probe';
import type { CudaFinding } from '../../../../server/src/runtime/cuda/examination';
import { runtimeFolder } from '../../../../server/src/runtime/devices';
import { machineCode } from '../../../../server/src/runtime/cuda/machine-code';
import { readSharedLibrary } from '../../../../server/src/runtime/cuda/elf';
import { CudaMachine, cuda12, cuda13, cudnn9, provider, standard } from '../../../support/cuda-machine';
import { sharedLibrary, writeSharedLibrary } from '../../../support/shared-library';
import { temporaryFolder } from '../../../support/temp';

const temporary = temporaryFolder('cuda');
const empty = (): CudaMachine => new CudaMachine(temporary);
const complete = (): CudaMachine =>
  empty()
    .driver('580.65.06')
    .provider()
    .library(standard, 'libcuda.so.1', ...cudnn9, ...cuda13);

test('everything in its place', () => {
  const machine = complete();
  const { present, findings } = machine.examine();
  assert.ok(present);
  assert.deepEqual(
    findings.map(({ part, ok, fix }) => [part, ok, fix]),
    ['driver', 'provider', 'libraries', 'cuDNN'].map((part) => [part, true, null]),
  );
  assert.equal(
    machine.finding('driver').text,
    `driver 580.65.06, ${join(machine.root, standard, 'libcuda.so.1')}`,
  );
  assert.deepEqual(
    cudaLines(machine.examine()).map(({ topic, state }) => [topic, state]),
    ['driver', 'provider', 'libraries', 'cuDNN'].map((part) => [`CUDA ${part}`, 'ok']),
  );
});

test('for which GPUs the provider is built, and a GPU that it has no kernels for', () => {
  const machine = complete().provider(cuda13, [75, 80, 90, 120]);
  const path = join(machine.root, machine.runtime, provider);
  const text = `${path}, built for GPUs of compute capability 7.5, 8.0, 9.0 and 12.0`;
  assert.equal(machine.finding('provider').text, text);
  const runtime = new LensError('device', 'CUDA failure 209: no kernel image is available for execution');
  const error = withMissingParts(runtime, machine.examine()) as LensError;
  assert.equal(error.message, `The cuda device has no kernels for this GPU: ${text}.`);
  assert.equal(fixFor(error), fixFor(new LensError('device', '', { remedies: ['other-device'] })));
  const other = new LensError('device', 'CUDA failure 700: an illegal memory access');
  assert.equal(withMissingParts(other, machine.examine()), other);
});

test('no driver: one line, and no lines on what else is missing', () => {
  const { present, findings } = empty().provider().examine();
  assert.equal(present, false);
  assert.deepEqual(
    findings.map(({ part, fix }) => [part, fix]),
    [['driver', 'Install the NVIDIA driver.']],
  );
  assert.deepEqual(cudaLines({ present, findings }), []);
});

const at = (...parts: readonly string[]): string =>
  parts.map((part) => part.replaceAll('.', '\\.')).join('.*');

const broken: readonly (readonly [string, CudaMachine, CudaFinding['part'], RegExp, RegExp])[] = [
  [
    'a driver too old',
    empty().driver('470.256.02').provider(cuda12).library(standard, 'libcuda.so.1'),
    'driver',
    /^driver 470\.256\.02 is too old: CUDA 12 needs 525\.60\.13 or newer, found 470\.256\.02 \(.*libcuda\.so\.1\)$/,
    /Update/,
  ],
  [
    'a driver that CUDA 12 likes and CUDA 13 does not',
    empty().driver('570.124.06').provider().library(standard, 'libcuda.so.1'),
    'driver',
    /CUDA 13 needs 580\.65\.06/,
    /Update/,
  ],
  [
    'a driver that the provider to come does not like',
    empty().driver('560.35.03').library(standard, 'libcuda.so.1'),
    'driver',
    /CUDA 13 needs 580\.65\.06/,
    /Update/,
  ],
  [
    'a container without the GPU',
    empty().driver('580.65.06').provider(),
    'driver',
    /^driver 580\.65\.06, but its library libcuda\.so\.1 is not where/,
    /--gpus all/,
  ],
  [
    "WSL's driver where the loader does not look",
    empty().wsl().provider().library('usr/lib/wsl/lib', 'libcuda.so.1'),
    'driver',
    /^driver, but libcuda\.so\.1 is in .*usr\/lib\/wsl\/lib, where the loader does not look$/,
    /LD_LIBRARY_PATH=.*\/usr\/lib\/wsl\/lib$/,
  ],
  [
    'the provider not installed',
    empty().driver('580.65.06').library(standard, 'libcuda.so.1'),
    'provider',
    /not installed: libonnxruntime_providers_cuda\.so and libonnxruntime_providers_shared\.so not in .*runtime$/,
    /doctor --install-cuda/,
  ],
  [
    'CUDA missing',
    empty().driver('580.65.06').provider().library(standard, 'libcuda.so.1'),
    'libraries',
    /^CUDA 13 is not complete: libcublasLt\.so\.13 was not found; .*libcudart\.so\.13 was not found$/,
    /^Install CUDA 13\.$/,
  ],
  [
    'CUDA 12 instead of 13',
    empty()
      .driver('580.65.06')
      .provider()
      .library(standard, 'libcuda.so.1', ...cuda12),
    'libraries',
    new RegExp(at('libcudart.so.13 was not found, but ', `${standard}/libcudart.so.12$`)),
    /^Install CUDA 13\. Other versions can stay installed\.$/,
  ],
  [
    'CUDA 11 and 13 instead of 12',
    empty()
      .driver('580.82.07')
      .provider(['libcudart.so.12'])
      .library(standard, 'libcuda.so.1', 'libcudart.so.11.0')
      .library('usr/local/cuda-13.0/lib64', 'libcudart.so.13', 'libcudart.so.13.0.88'),
    'libraries',
    /libcudart\.so\.12 was not found, but .*gnu\/libcudart\.so\.11\.0 and .*cuda-13\.0\/lib64\/libcudart\.so\.13/,
    /^Install CUDA 12\./,
  ],
  [
    'CUDA where the loader does not look',
    empty()
      .driver('580.65.06')
      .provider(['libcudart.so.13'])
      .library(standard, 'libcuda.so.1')
      .library('usr/local/cuda-13.0/lib64', 'libcudart.so.13'),
    'libraries',
    /libcudart\.so\.13 is in .*usr\/local\/cuda-13\.0\/lib64, where the loader does not look$/,
    /LD_LIBRARY_PATH=.*\/usr\/local\/cuda-13\.0\/lib64$/,
  ],
  [
    "pip's CUDA 13",
    empty()
      .driver('580.65.06')
      .provider(['libcudart.so.13'])
      .library(standard, 'libcuda.so.1')
      .library('usr/local/lib/python3.12/dist-packages/nvidia/cu13/lib', 'libcudart.so.13'),
    'libraries',
    /nvidia\/cu13\/lib, where the loader does not look$/,
    /LD_LIBRARY_PATH=.*nvidia\/cu13\/lib$/,
  ],
  [
    'cuDNN missing',
    empty()
      .driver('580.65.06')
      .provider()
      .library(standard, 'libcuda.so.1', ...cuda13),
    'cuDNN',
    /^cuDNN 9 is not complete: libcudnn\.so\.9 was not found; libcudnn_graph\.so\.9 was not found/,
    /^Install cuDNN 9 for CUDA 13\.$/,
  ],
  [
    'cuDNN 8 instead of 9',
    empty()
      .driver('580.65.06')
      .provider()
      .library(standard, 'libcuda.so.1', 'libcudnn.so.8', ...cuda13),
    'cuDNN',
    /^cuDNN 9 is not complete: libcudnn\.so\.9 was not found, but .*libcudnn\.so\.8; /,
    /^Install cuDNN 9 for CUDA 13\. Other versions can stay installed\.$/,
  ],
  [
    'a part of cuDNN missing',
    empty()
      .driver('580.65.06')
      .provider()
      .library(standard, 'libcuda.so.1', ...cuda13)
      .library(standard, ...cudnn9.filter((name) => !name.includes('heuristic'))),
    'cuDNN',
    /^cuDNN 9 is not complete: libcudnn_heuristic\.so\.9 was not found$/,
    /^Install cuDNN 9 for CUDA 13\.$/,
  ],
];
const advice = ({ fix, remedies = [] }: CudaFinding) => fixFor({ fix: fix ?? undefined, remedies });
for (const [name, machine, part, text, fix] of broken) {
  test(name, () => {
    const finding = machine.finding(part);
    assert.equal(finding.ok, false);
    assert.match(finding.text, text);
    assert.match(advice(finding) ?? '', fix);
    const line = cudaLines(machine.examine()).find(({ topic }) => topic === `CUDA ${part}`);
    assert.deepEqual(
      [line?.state, line?.text, line?.fix, line?.remedies],
      ['warning', finding.text, finding.fix, finding.remedies],
    );
  });
}

test('a library for another CPU, and one cut short', () => {
  const machine = complete();
  const path = join(machine.root, standard, 'libcudart.so.13');
  writeSharedLibrary(path, { machine: 183 });
  assert.match(machine.finding('libraries').text, /libcudart\.so\.13 is for AArch64$/);
  truncateSync(path, 40);
  assert.match(machine.finding('libraries').text, /libcudart\.so\.13 is not a complete library$/);
  writeSharedLibrary(join(machine.root, machine.runtime, provider), { machine: 183 });
  assert.match(machine.finding('provider').text, /expected a library for x86-64, found AArch64$/);
});

test('folders that LD_LIBRARY_PATH and ld.so.conf name are searched', () => {
  const machine = empty()
    .driver('580.65.06')
    .provider(['libcudart.so.13'])
    .library(standard, 'libcuda.so.1')
    .library('opt/nvidia', 'libcudart.so.13')
    .library('opt/cudnn', ...cudnn9)
    .write('etc/ld.so.conf', 'include /etc/ld.so.conf.d/*.conf # as everywhere\n')
    .write('etc/ld.so.conf.d/nvidia.conf', '/opt/nvidia\n');
  machine.env['LD_LIBRARY_PATH'] = join(machine.root, 'opt/cudnn');
  assert.ok(
    machine.examine().findings.every(({ ok }) => ok),
    JSON.stringify(machine.examine().findings),
  );
});

test('the loader takes the first that fits, and the line names it, its version and the others', () => {
  const machine = complete()
    .library('opt/foreign', 'libcudart.so.13')
    .library('opt/other', 'libcudart.so.13');
  const own = join(machine.root, standard);
  renameSync(join(own, 'libcudart.so.13'), join(own, 'libcudart.so.13.0.96'));
  symlinkSync('libcudart.so.13.0.96', join(own, 'libcudart.so.13'));
  symlinkSync('other', join(machine.root, 'opt/linked')); // as /usr/local/cuda is a link to the folder of a version
  machine.write('etc/ld.so.conf', '/usr/lib/x86_64-linux-gnu\n/opt/other\n/opt/linked\n');
  machine.env['LD_LIBRARY_PATH'] = join(machine.root, 'opt/foreign');
  writeSharedLibrary(join(machine.root, 'opt/foreign/libcudart.so.13'), { machine: 183 });
  const { ok, text } = machine.finding('libraries');
  assert.ok(ok, text);
  assert.equal(
    text,
    `CUDA 13 in ${own} (libcudart.so.13.0.96); the loader does not reach those in ${join(machine.root, 'opt/other')}`,
  );
});

test('a link to nothing is skipped as the loader passes it over, and named where nothing follows', () => {
  const machine = complete();
  const path = join(machine.root, standard, 'libcudnn.so.9');
  unlinkSync(path);
  symlinkSync('libcudnn.so.9.1.0', path);
  assert.match(
    machine.finding('cuDNN').text,
    /^cuDNN 9 is not complete: .*libcudnn\.so\.9 is a link to libcudnn\.so\.9\.1\.0, which does not exist$/,
  );
  machine.library('usr/lib', 'libcudnn.so.9');
  assert.ok(machine.finding('cuDNN').ok, machine.finding('cuDNN').text);
});

test("NVIDIA's compatibility library decides over an older kernel module", () => {
  const machine = empty()
    .driver('535.183.01')
    .provider(['libcudart.so.13'])
    .library(standard, 'libcuda.so.1', 'libcudart.so.13', ...cudnn9)
    .library('usr/local/cuda-13.0/compat', 'libcuda.so.580.65.06');
  const compat = join(machine.root, 'usr/local/cuda-13.0/compat');
  symlinkSync('libcuda.so.580.65.06', join(compat, 'libcuda.so.1'));
  assert.match(machine.finding('driver').text, /535\.183\.01 is too old: CUDA 13/);
  machine.env['LD_LIBRARY_PATH'] = compat;
  assert.equal(
    machine.finding('driver').text,
    `driver 535.183.01, ${join(compat, 'libcuda.so.1')} (580.65.06)`,
  );
});

test('the open kernel module is known, and the GPUs by name', () => {
  const machine = complete()
    .write(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder)\n',
    )
    .write('proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA H200\nIRQ:   \t\t 16\n');
  assert.match(machine.finding('driver').text, /^driver 580\.95\.05, NVIDIA H200, /);
});

test('without a driver, WSL is told where its driver belongs', () => {
  const [finding] = empty().wsl().provider().examine().findings;
  assert.match(finding?.fix ?? '', /in Windows, not in WSL/);
});

test("the runtime's own library is read as its loader reads it", (t) => {
  if (process.platform !== 'linux') {
    t.skip('ELF files are Linux');
    return;
  }
  const name = readdirSync(runtimeFolder()).find((file) => file.startsWith('libonnxruntime.so')) ?? '';
  const library = readSharedLibrary(join(runtimeFolder(), name));
  assert.equal(library?.machine, process.arch === 'arm64' ? 'AArch64' : 'x86-64');
  assert.ok(library.needed.includes('libc.so.6') && library.needed.includes('libstdc++.so.6'));
});

test('a damaged library is not a library, wherever it is cut or changed', () => {
  const path = join(temporary, 'damaged.so');
  const whole = sharedLibrary({ needed: cuda13, gpus: [80, 90] });
  writeFileSync(path, whole);
  const { machine, needed } = readSharedLibrary(path) ?? {};
  assert.deepEqual({ machine, needed }, { machine: 'x86-64', needed: cuda13 });
  assert.deepEqual(machineCode(path), { capabilities: [80, 90], ptx: false });
  for (let size = 0; size < whole.length; size += 7) {
    writeFileSync(path, whole.subarray(0, size));
    assert.equal(readSharedLibrary(path), null, `${size} bytes`);
  }
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = 0xff;
    writeFileSync(path, changed);
    machineCode(path); // any answer, but no exception and no gigabyte
  }
  assert.equal(readSharedLibrary(temporary), null, 'a folder');
});
