/** What is wrong with CUDA on a machine: folders with real library files, from nothing at all to everything in its place. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { cudaLines } from '../../../server/src/engine/doctor';
import type { CudaFinding } from '../../../server/src/runtime/cuda-examination';
import { examineCuda } from '../../../server/src/runtime/cuda-examination';
import { runtimeFolder } from '../../../server/src/runtime/devices';
import { readSharedLibrary } from '../../../server/src/runtime/elf';
import { sharedLibrary, writeSharedLibrary } from '../../support/shared-library';
import { temporaryFolder } from '../../support/temp';

const temporary = temporaryFolder('cuda');
const provider = 'libonnxruntime_providers_cuda.so';
const cuda12 = ['libcublasLt.so.12', 'libcublas.so.12', 'libcurand.so.10', 'libcudart.so.12'];

class Machine {
  readonly root = mkdtempSync(join(temporary, 'root-'));
  readonly runtime = join(this.root, 'runtime');
  readonly env: Record<string, string> = {};

  driver(version: string): this {
    const path = join(this.root, 'proc/driver/nvidia/version');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Tue Jul 16 17:45:02 UTC 2024\n`,
    );
    return this;
  }

  library(folder: string, ...names: readonly string[]): this {
    for (const name of names) writeSharedLibrary(join(this.root, folder, name));
    return this;
  }

  provider(needed: readonly string[] = cuda12): this {
    writeSharedLibrary(join(this.runtime, provider), { needed: [...needed, 'libcuda.so.1', 'libc.so.6'] });
    return this.library('runtime', 'libonnxruntime_providers_shared.so');
  }

  examine(): ReturnType<typeof examineCuda> {
    return examineCuda({ root: this.root, env: this.env, runtimeFolder: this.runtime });
  }

  finding(part: CudaFinding['part']): CudaFinding {
    const found = this.examine().findings.find((finding) => finding.part === part);
    assert.ok(found, part);
    return found;
  }
}

const standard = 'usr/lib/x86_64-linux-gnu';
const complete = (): Machine =>
  new Machine()
    .driver('560.35.03')
    .provider()
    .library(standard, 'libcuda.so.1', 'libcudnn.so.9', ...cuda12);

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
    `driver 560.35.03, ${join(machine.root, standard, 'libcuda.so.1')}`,
  );
  assert.deepEqual(
    cudaLines(machine.examine()).map(({ topic, state }) => [topic, state]),
    ['driver', 'provider', 'libraries', 'cuDNN'].map((part) => [`CUDA ${part}`, 'ok']),
  );
});

test('no driver: one line, and no lines on what else is missing', () => {
  const { present, findings } = new Machine().provider().examine();
  assert.equal(present, false);
  assert.deepEqual(
    findings.map(({ part, fix }) => [part, fix]),
    [['driver', 'Install the NVIDIA driver.']],
  );
  assert.deepEqual(cudaLines({ present, findings }), []);
});

const broken: readonly (readonly [string, Machine, CudaFinding['part'], RegExp, RegExp])[] = [
  [
    'a driver too old',
    new Machine().driver('470.256.02').provider().library(standard, 'libcuda.so.1'),
    'driver',
    /^driver 470\.256\.02 is too old: CUDA 12 needs 525\.60\.13 or newer$/,
    /Update/,
  ],
  [
    'a driver that CUDA 12 likes and CUDA 13 does not',
    new Machine().driver('570.124.06').provider(['libcudart.so.13']).library(standard, 'libcuda.so.1'),
    'driver',
    /CUDA 13 needs 580\.65\.06/,
    /Update/,
  ],
  [
    'a container without the GPU',
    new Machine().driver('560.35.03').provider(),
    'driver',
    /^driver 560\.35\.03, but its library libcuda\.so\.1 is not where/,
    /--gpus all/,
  ],
  [
    'the provider not installed',
    new Machine().driver('560.35.03').library(standard, 'libcuda.so.1'),
    'provider',
    /not installed: libonnxruntime_providers_cuda\.so and libonnxruntime_providers_shared\.so not in .*runtime$/,
    /doctor --install-cuda/,
  ],
  [
    'CUDA missing',
    new Machine().driver('560.35.03').provider().library(standard, 'libcuda.so.1'),
    'libraries',
    /^CUDA 12 is not complete: libcublasLt\.so\.12 was not found; .*libcudart\.so\.12 was not found$/,
    /^Install CUDA 12\.$/,
  ],
  [
    'CUDA 11 and 13 instead of 12',
    new Machine()
      .driver('580.82.07')
      .provider(['libcudart.so.12'])
      .library(standard, 'libcuda.so.1', 'libcudart.so.11.0')
      .library('usr/local/cuda-13.0/lib64', 'libcudart.so.13', 'libcudart.so.13.0.88'),
    'libraries',
    /libcudart\.so\.12 was not found, but .*gnu\/libcudart\.so\.11\.0 and .*cuda-13\.0\/lib64\/libcudart\.so\.13/,
    /^Install CUDA 12\.$/,
  ],
  [
    'CUDA where the loader does not look',
    new Machine()
      .driver('560.35.03')
      .provider(['libcudart.so.12'])
      .library(standard, 'libcuda.so.1')
      .library('usr/local/cuda-12.6/lib64', 'libcudart.so.12'),
    'libraries',
    /libcudart\.so\.12 is in .*usr\/local\/cuda-12\.6\/lib64, where the loader does not look$/,
    /LD_LIBRARY_PATH=.*\/usr\/local\/cuda-12\.6\/lib64$/,
  ],
  [
    'cuDNN 8 instead of 9',
    new Machine()
      .driver('560.35.03')
      .provider()
      .library(standard, 'libcuda.so.1', 'libcudnn.so.8', ...cuda12),
    'cuDNN',
    /^cuDNN 9 is not complete: libcudnn\.so\.9 was not found, but .*libcudnn\.so\.8$/,
    /^Install cuDNN 9 for CUDA 12\.$/,
  ],
];
for (const [name, machine, part, text, fix] of broken) {
  test(name, () => {
    const finding = machine.finding(part);
    assert.equal(finding.ok, false);
    assert.match(finding.text, text);
    assert.match(finding.fix ?? '', fix);
    const line = cudaLines(machine.examine()).find(({ topic }) => topic === `CUDA ${part}`);
    assert.deepEqual([line?.state, line?.text, line?.fix], ['warning', finding.text, finding.fix]);
  });
}

test('a library for another processor, and one cut short', () => {
  const machine = complete();
  const path = join(machine.root, standard, 'libcudart.so.12');
  writeSharedLibrary(path, { machine: 183 });
  assert.match(machine.finding('libraries').text, /libcudart\.so\.12 is for AArch64$/);
  truncateSync(path, 40);
  assert.match(machine.finding('libraries').text, /libcudart\.so\.12 is no whole library$/);
  writeSharedLibrary(join(machine.runtime, provider), { machine: 183 });
  assert.match(machine.finding('provider').text, /expected a library for x86-64, found AArch64$/);
});

test('folders that LD_LIBRARY_PATH and ld.so.conf name are searched', () => {
  const machine = new Machine()
    .driver('560.35.03')
    .provider(['libcudart.so.12'])
    .library(standard, 'libcuda.so.1')
    .library('opt/nvidia', 'libcudart.so.12')
    .library('opt/cudnn', 'libcudnn.so.9');
  mkdirSync(join(machine.root, 'etc/ld.so.conf.d'), { recursive: true });
  writeFileSync(join(machine.root, 'etc/ld.so.conf'), 'include /etc/ld.so.conf.d/*.conf # as everywhere\n');
  writeFileSync(join(machine.root, 'etc/ld.so.conf.d/nvidia.conf'), '/opt/nvidia\n');
  machine.env['LD_LIBRARY_PATH'] = join(machine.root, 'opt/cudnn');
  assert.ok(
    machine.examine().findings.every(({ ok }) => ok),
    JSON.stringify(machine.examine().findings),
  );
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

test('a damaged library is no library, wherever it is cut or changed', () => {
  const path = join(temporary, 'damaged.so');
  const whole = sharedLibrary({ needed: cuda12 });
  writeFileSync(path, whole);
  assert.deepEqual(readSharedLibrary(path), { machine: 'x86-64', needed: cuda12 });
  for (let size = 0; size < whole.length; size += 7) {
    writeFileSync(path, whole.subarray(0, size));
    assert.equal(readSharedLibrary(path), null, `${size} bytes`);
  }
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = 0xff;
    writeFileSync(path, changed);
    readSharedLibrary(path); // any answer, but no exception and no gigabyte
  }
  assert.equal(readSharedLibrary(temporary), null, 'a folder');
});
