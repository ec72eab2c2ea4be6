/** The files of a machine with NVIDIA's software, below a folder of its own. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CudaExamination, CudaFinding } from '../../server/src/runtime/cuda/examination';
import { examineCuda } from '../../server/src/runtime/cuda/examination';
import { writeSharedLibrary } from './shared-library';

export const provider = 'libonnxruntime_providers_cuda.so';
/** NVIDIA's libraries in the header of the provider of onnxruntime 1.30, from the wheel onnxruntime-gpu 1.30.0 (`readelf -d`). */
export const cuda13: readonly string[] = [
  'libcublasLt.so.13',
  'libcublas.so.13',
  'libcurand.so.10',
  'libcudart.so.13',
];
/** The same of a provider for CUDA 12, as onnxruntime 1.26 had it. */
export const cuda12 = cuda13.map((name) => name.replace('.so.13', '.so.12'));
/** What cuDNN 9 is made of, as far as convolutions need it: names as in NVIDIA's wheel nvidia-cudnn-cu13 9.28. */
export const cudnn9: readonly string[] = [
  'libcudnn.so.9',
  'libcudnn_graph.so.9',
  'libcudnn_ops.so.9',
  'libcudnn_cnn.so.9',
  'libcudnn_heuristic.so.9',
  'libcudnn_engines_precompiled.so.9',
  'libcudnn_engines_runtime_compiled.so.9',
];
/** Where Debian's and Ubuntu's packages put libraries. */
export const standard = 'usr/lib/x86_64-linux-gnu';

export class CudaMachine {
  declare private readonly nominal: never;
  readonly root: string;
  readonly env: Record<string, string> = {};

  /** @param runtime where onnxruntime-node's libraries lie, below the machine's root */
  constructor(
    folder: string,
    readonly runtime = 'runtime',
  ) {
    this.root = mkdtempSync(join(folder, 'root-'));
  }

  write(path: string, text: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
    return this;
  }

  driver(version: string): this {
    const text = `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Tue Jul 16 17:45:02 UTC 2024\n`;
    return this.write('proc/driver/nvidia/version', text);
  }

  wsl(): this {
    return this.write('proc/sys/kernel/osrelease', '6.6.87.2-microsoft-standard-WSL2\n');
  }

  library(folder: string, ...names: readonly string[]): this {
    for (const name of names) writeSharedLibrary(join(this.root, folder, name));
    return this;
  }

  /** @param gpus compute capabilities times ten */
  provider(needed: readonly string[] = cuda13, gpus?: readonly number[]): this {
    const path = join(this.root, this.runtime, provider);
    const all = [...needed, 'libcuda.so.1', 'libc.so.6'];
    writeSharedLibrary(path, gpus === undefined ? { needed: all } : { needed: all, gpus });
    return this.library(this.runtime, 'libonnxruntime_providers_shared.so');
  }

  examine(): CudaExamination {
    return examineCuda({ root: this.root, env: this.env, runtimeFolder: join(this.root, this.runtime) });
  }

  finding(part: CudaFinding['part']): CudaFinding {
    const found = this.examine().findings.find((finding) => finding.part === part);
    assert.ok(found, part);
    return found;
  }
}
