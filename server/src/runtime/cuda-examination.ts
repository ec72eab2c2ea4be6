/** Whether CUDA can work here, looking at files only: driver, the runtime's provider, CUDA's libraries, cuDNN. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSharedLibrary } from './elf';
import type { LibrarySearch } from './library-search';
import { findLibrary, loaderFolders, otherFolders, otherVersions } from './library-search';

export interface CudaSystem extends LibrarySearch {
  /** Where the runtime looks for its provider's libraries. */
  readonly runtimeFolder: string;
}

export interface CudaFinding {
  readonly part: 'driver' | 'provider' | 'libraries' | 'cuDNN';
  readonly ok: boolean;
  /** What was found, where, and what was expected. */
  readonly text: string;
  readonly fix: string | null;
}

export interface CudaExamination {
  /** Whether there is an NVIDIA driver, and so very likely a GPU. */
  readonly present: boolean;
  /** In the order in which to mend what is wrong. */
  readonly findings: readonly CudaFinding[];
}

const PROVIDER = 'libonnxruntime_providers_cuda.so';
const SHARED = 'libonnxruntime_providers_shared.so';
const DRIVER_LIBRARY = 'libcuda.so.1';
/** Loaded by name when the first convolution runs: no header names it. */
const CUDNN = 'libcudnn.so.9';
/** What the runtime's installer calls what it fetches (script/install-metadata.js); what was fetched says it more exactly. */
const ASSUMED_CUDA = 12;
const INSTALL = 'Run `inference-lens doctor --install-cuda` (about 200 MB).';

/** CUDA Toolkit release notes, "minimum required driver version" on Linux, by major version of CUDA. */
const oldestDriver: ReadonlyMap<number, string> = new Map([
  [11, '450.80.02'],
  [12, '525.60.13'],
  [13, '580.65.06'],
]);

export function examineCuda(system: CudaSystem): CudaExamination {
  const folders = loaderFolders(system);
  const version = kernelDriver(system.root);
  const driverLibrary = findLibrary(DRIVER_LIBRARY, [...folders, join(system.root, '/usr/lib/wsl/lib')]);
  if (version === null && driverLibrary === null) {
    const text = `no NVIDIA driver: neither /proc/driver/nvidia/version nor ${DRIVER_LIBRARY} is there`;
    return { present: false, findings: [failure('driver', text, 'Install the NVIDIA driver.')] };
  }
  const needed = neededLibraries(system);
  const findings = [
    driverFinding(version, driverLibrary, cudaVersion(needed)),
    providerFinding(system),
    librariesFinding('libraries', needed, system, folders),
    librariesFinding('cuDNN', [CUDNN], system, folders),
  ];
  return { present: true, findings };
}

const failure = (part: CudaFinding['part'], text: string, fix: string): CudaFinding => ({
  part,
  ok: false,
  text,
  fix,
});
const success = (part: CudaFinding['part'], text: string): CudaFinding => ({
  part,
  ok: true,
  text,
  fix: null,
});

/** The kernel module's version, such as 560.35.03; null without one, as under WSL. */
function kernelDriver(root: string): string | null {
  try {
    const text = readFileSync(join(root, '/proc/driver/nvidia/version'), 'utf8');
    return /Module.*?\s(\d+\.[\d.]+)/.exec(text)?.[1] ?? 'of unknown version';
  } catch {
    return null;
  }
}

function driverFinding(version: string | null, library: string | null, cuda: number): CudaFinding {
  const name = version === null ? 'driver' : `driver ${version}`;
  if (library === null) {
    return failure(
      'driver',
      `${name}, but its library ${DRIVER_LIBRARY} is not where the loader looks`,
      "In a container, start it with the GPU (`docker run --gpus all`); else install the driver's libraries.",
    );
  }
  const oldest = oldestDriver.get(cuda);
  return oldest !== undefined && version !== null && isOlder(version, oldest)
    ? failure(
        'driver',
        `${name} is too old: CUDA ${cuda} needs ${oldest} or newer`,
        'Update the NVIDIA driver.',
      )
    : success('driver', `${name}, ${library}`);
}

/** Number by number; what is no number compares as equal. */
function isOlder(version: string, than: string): boolean {
  const [own, other] = [version, than].map((text) => text.split('.').map(Number));
  for (const [i, wanted] of (other ?? []).entries()) {
    const found = own?.[i] ?? 0;
    if (found !== wanted) return found < wanted;
  }
  return false;
}

function providerFinding({ runtimeFolder }: CudaSystem): CudaFinding {
  const missing = [PROVIDER, SHARED].filter((name) => !existsSync(join(runtimeFolder, name)));
  if (missing.length > 0) {
    const text = `the runtime's CUDA libraries are not installed: ${missing.join(' and ')} not in ${runtimeFolder}`;
    return failure('provider', text, INSTALL);
  }
  const path = join(runtimeFolder, PROVIDER);
  const machine = readSharedLibrary(path)?.machine;
  return machine === 'x86-64'
    ? success('provider', path)
    : failure(
        'provider',
        `${path}: expected a library for x86-64, found ${machine ?? 'no whole library'}`,
        INSTALL,
      );
}

/** NVIDIA's libraries that the installed provider names, without the driver's; of one that is not installed, what it is said to need. */
function neededLibraries({ runtimeFolder }: CudaSystem): readonly string[] {
  const named = readSharedLibrary(join(runtimeFolder, PROVIDER))?.needed.filter(
    (name) => /^lib(cu|nv)/.test(name) && name !== DRIVER_LIBRARY && !name.startsWith('libcudnn'),
  );
  return named !== undefined && named.length > 0
    ? named
    : ['libcudart', 'libcublas', 'libcublasLt'].map((name) => `${name}.so.${ASSUMED_CUDA}`);
}

const cudaVersion = (needed: readonly string[]): number =>
  Number(
    needed.map((name) => /^libcudart\.so\.(\d+)/.exec(name)?.[1]).find((major) => major !== undefined) ??
      ASSUMED_CUDA,
  );

function librariesFinding(
  part: 'libraries' | 'cuDNN',
  names: readonly string[],
  system: CudaSystem,
  folders: readonly string[],
): CudaFinding {
  const faults = names.map((name) => libraryFault(name, system, folders)).filter((fault) => fault !== null);
  const product = part === 'cuDNN' ? 'cuDNN 9' : `CUDA ${cudaVersion(names)}`;
  const [first] = faults;
  if (first === undefined) {
    const places = [...new Set(names.map((name) => dirname(findLibrary(name, folders) ?? '')))];
    return success(part, `${product} in ${places.join(' and ')}`);
  }
  const misplaced = faults.flatMap(({ folder }) => (folder === null ? [] : [folder]));
  const install = `Install ${product}${part === 'cuDNN' ? ` for CUDA ${cudaVersion(neededLibraries(system))}` : ''}.`;
  return failure(
    part,
    `${product} is not complete: ${faults.map(({ text }) => text).join('; ')}`,
    misplaced.length === faults.length
      ? `Start the editor or the command line with LD_LIBRARY_PATH=${[...new Set(misplaced)].join(':')}`
      : install,
  );
}

/** Why the loader will not take a library: not there, only elsewhere, only in another version, or for another machine. */
function libraryFault(
  name: string,
  system: CudaSystem,
  folders: readonly string[],
): { readonly text: string; readonly folder: string | null } | null {
  const found = findLibrary(name, folders);
  if (found !== null) {
    const machine = readSharedLibrary(found)?.machine;
    if (machine === 'x86-64') return null;
    return {
      text: `${found} is ${machine === undefined ? 'no whole library' : `for ${machine}`}`,
      folder: null,
    };
  }
  const others = otherFolders(system);
  const misplaced = findLibrary(name, others);
  if (misplaced !== null) {
    return {
      text: `${name} is in ${dirname(misplaced)}, where the loader does not look`,
      folder: dirname(misplaced),
    };
  }
  const instead = otherVersions(name, [...folders, ...others]);
  return {
    text:
      instead.length === 0 ? `${name} was not found` : `${name} was not found, but ${instead.join(' and ')}`,
    folder: null,
  };
}
