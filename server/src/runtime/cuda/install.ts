/** Fetches the runtime's CUDA libraries with the runtime's own installer, only ever on request, and whole or not at all. */
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, rename, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { CudaPlan } from '../../../../protocol/requests';
import { LensError, throwIfAborted } from '../../errors';
import { removeAbandoned } from '../../system/abandoned';
import { runtimeFolder } from '../devices';
import { readSharedLibrary } from './elf';
import { withLock } from '../../system/file-lock';
import { runInstaller } from './installer-process';
import type { Owner } from '../../../../files/owner';
import { ownedName } from '../../../../files/owner';

export interface InstallOptions {
  readonly signal?: AbortSignal;
  /** Of onnxruntime-node; the one that is used here unless a test says otherwise. */
  readonly packageFolder?: string;
  /** After this many milliseconds without a byte the download counts as broken; 60 s by default. */
  readonly stallMs?: number;
}

/** What onnxruntime-node 1.30 fetches (script/install-metadata.js), and who asks for it when CUDA starts. */
export const cudaProvider = {
  package: 'Microsoft.ML.OnnxRuntime.Gpu.Linux',
  folder: 'runtimes/linux-x64/native',
  /** The second is loaded by the first. TensorRT's, which is fetched too, is never loaded here. */
  files: ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'],
} as const;

/**
 * Package and unpacked libraries exist side by side for a moment: 0.25 + 2 x 0.27 GB in 1.30, and some
 * margin.
 */
const SPACE = 1e9;
/** What is fetched, about: the package of 1.30 has 0.25 GB. */
const MEGABYTES = 250;
const HOST = 'api.nuget.org';
const STAGING = '.cuda-install-';
const LOCK = '.cuda-install.lock';

/** No installation takes this long. */
const DAY_MS = 86_400_000;

/**
 * Runs onnxruntime-node's install script in a folder of its own beside the libraries, looks at what it
 * fetched, and renames that into place: the script itself unpacks over what is there, exits with code 0
 * when a download stops early, waits forever for a host that stops answering, and leaves its downloads behind
 * when it is killed.
 * @param say receives lines on the progress
 * @throws LensError of kind `device`, of kind `output` where the folder cannot be written, of kind
 * `cancelled`
 */
export async function installCuda(say: (line: string) => void, options: InstallOptions = {}): Promise<void> {
  const { folder, target } = places(options);
  let waited = false;
  const waiting = (holder: Owner | null): void => {
    waited = true;
    say(`Process ${holder?.pid ?? 'unknown'} is installing the CUDA libraries: waiting for it.`);
  };
  const work = async (): Promise<void> => {
    if (waited && faultIn(target) === null) say(`It has put them into ${target}.`);
    else await fetchInto(folder, target, say, options);
  };
  try {
    await withLock(join(folder, LOCK), work, { signal: options.signal, waiting });
  } catch (thrown) {
    throw thrown instanceof LensError ? thrown : notWritable(folder, thrown);
  }
}

/**
 * What an installation would do. Changes nothing.
 * @throws LensError of kind `device` where there are no such libraries, of kind `output` where they cannot be written
 */
export async function planCuda(options: InstallOptions = {}): Promise<CudaPlan> {
  const { folder, target } = places(options);
  try {
    await access(folder, constants.W_OK);
    await requireSpace(folder);
  } catch (thrown) {
    throw thrown instanceof LensError ? thrown : notWritable(folder, thrown);
  }
  return { from: HOST, megabytes: MEGABYTES, folder: target };
}

/** Folder of the runtime's package, and the folder in it that holds the libraries. */
function places({ packageFolder }: InstallOptions): { readonly folder: string; readonly target: string } {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new LensError(
      'device',
      `The runtime has CUDA libraries for Linux on x64 only; this is ${process.platform}-${process.arch}.`,
      { fix: 'The device auto takes the best one that this platform has.', remedies: ['other-device'] },
    );
  }
  const folder = packageFolder ?? join(runtimeFolder(), '..', '..', '..', '..');
  const script = join(folder, 'script', 'install.js');
  if (!existsSync(script)) {
    throw new LensError('device', `The runtime's installer is not at ${script}.`, {
      fix: 'Install onnxruntime-node again.',
    });
  }
  return { folder, target: join(folder, 'bin', 'napi-v6', 'linux', 'x64') };
}

async function fetchInto(
  folder: string,
  target: string,
  say: (line: string) => void,
  options: InstallOptions,
): Promise<void> {
  const staging = await makeStaging(folder);
  try {
    cpSync(join(folder, 'script'), join(staging, 'script'), { recursive: true });
    const outcome = await runInstaller(staging, say, { ...options, package: cudaProvider.package });
    throwIfAborted(options.signal);
    const staged = join(staging, 'bin', 'napi-v6', 'linux', 'x64');
    const fault = outcome ?? faultIn(staged);
    if (fault !== null) throw notFetched(fault, folder, target);
    await mkdir(target, { recursive: true });
    for (const name of [...cudaProvider.files].reverse())
      await rename(join(staged, name), join(target, name));
  } catch (thrown) {
    throw thrown instanceof LensError ? thrown : notWritable(target, thrown);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  say(`Installed ${cudaProvider.files.join(' and ')} into ${target}.`);
}

/** Beside the libraries, so that they only need renaming; what an installation that was killed left there goes first. */
async function makeStaging(folder: string): Promise<string> {
  try {
    const matches = (name: string): boolean => name.startsWith(STAGING);
    await removeAbandoned(folder, { matches, ownerlessMs: DAY_MS, unknownMs: DAY_MS });
    await requireSpace(folder);
    const staging = await mkdtemp(join(folder, ownedName(STAGING)));
    await mkdir(join(staging, 'temp'));
    return staging;
  } catch (thrown) {
    throw thrown instanceof LensError ? thrown : notWritable(folder, thrown);
  }
}

async function requireSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= SPACE) return;
  const free = Math.round((bavail * bsize) / 1e6);
  throw new LensError('output', `${folder}: expected 1 GB of free space, found ${free} MB.`, {
    fix: 'Free some space on that disk.',
  });
}

/** Why what was fetched cannot be used; null where both libraries are whole. */
function faultIn(staged: string): string | null {
  for (const name of cudaProvider.files) {
    const path = join(staged, name);
    if (!existsSync(path)) return `the download stopped early (${name} is missing)`;
    const machine = readSharedLibrary(path)?.machine;
    if (machine !== 'x86-64')
      return `${name} is ${machine === undefined ? 'an incomplete library' : `a library for ${machine}`}`;
  }
  return null;
}

function notFetched(reason: string, folder: string, target: string): LensError {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return new LensError(
    'device',
    `The CUDA libraries could not be fetched from ${HOST}: ${reason}. Nothing was changed.`,
    {
      fix:
        'Check the network; behind a proxy, set HTTPS_PROXY. Without a network, unpack ' +
        `${cudaProvider.files.join(' and ')} from ${cudaProvider.folder} in the NuGet package ` +
        `${cudaProvider.package} ${version}, which is a zip file, into ${target}`,
    },
  );
}

function notWritable(path: string, thrown: unknown): LensError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new LensError('output', `The CUDA libraries cannot be put into ${path}: ${reason}`, {
    fix: 'Let this user write to that folder, or run this as the user who owns it.',
    cause: thrown,
  });
}
