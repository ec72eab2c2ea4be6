/** Whether CUDA can work here, looking at files only: driver, the runtime's provider, CUDA's libraries, cuDNN. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Remedy } from '../../../../protocol/failure';
import { readSharedLibrary } from './elf';
import type { LibrarySearch } from './library-search';
import { loaderFolders } from './library-search';
import type { LoadedLibrary } from './loaded-library';
import { isFault, loadLibrary, realName } from './loaded-library';
import { capabilityText, machineCode } from './machine-code';

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
  readonly remedies?: readonly Remedy[];
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
/**
 * The provider loads the first by name when the first convolution runs (onnxruntime #29252, cudnn_loader.cc), and that one the others,
 * from beside itself: no header names any. Since cuDNN 9.0.
 */
const CUDNN = [
  'libcudnn.so.9',
  ...['graph', 'ops', 'cnn', 'heuristic', 'engines_precompiled', 'engines_runtime_compiled'].map(
    (part) => `libcudnn_${part}.so.9`,
  ),
];
/**
 * Before it is installed. The runtime's releases are built for CUDA 13 from 1.27 on (#28792, #29032), although their installer still
 * calls it `cuda12`; what was fetched says it exactly. These names are in the provider of version 1.30.
 */
const ASSUMED = ['libcublasLt.so.13', 'libcublas.so.13', 'libcurand.so.10', 'libcudart.so.13'];
const ASSUMED_CUDA = 13;

/** CUDA Toolkit release notes, "minimum required driver version" on Linux, by major version of CUDA. */
const oldestDriver: ReadonlyMap<number, string> = new Map([
  [11, '450.80.02'],
  [12, '525.60.13'],
  [13, '580.65.06'],
]);

export function examineCuda(system: CudaSystem): CudaExamination {
  const folders = loaderFolders(system);
  const version = kernelDriver(system.root);
  const library = loadLibrary(DRIVER_LIBRARY, system, folders);
  const absent = isFault(library) && library.folder === null;
  if (version === null && absent) {
    const text = `no NVIDIA driver: neither /proc/driver/nvidia/version nor ${DRIVER_LIBRARY} is there`;
    const fix = isWsl(system.root)
      ? 'Install the NVIDIA driver in Windows, not in WSL, and start WSL again.'
      : 'Install the NVIDIA driver.';
    return { present: false, findings: [failure('driver', text, fix)] };
  }
  const needed = neededLibraries(system);
  const findings = [
    driverFinding(version, library, cudaVersion(needed), system.root),
    providerFinding(system),
    librariesFinding('libraries', needed, system, folders),
    librariesFinding('cuDNN', CUDNN, system, folders),
  ];
  return { present: true, findings };
}

const failure = (part: CudaFinding['part'], text: string, fix: string): CudaFinding => ({
  part,
  ok: false,
  text,
  fix,
});
const notInstalled = (text: string): CudaFinding => ({
  part: 'provider',
  ok: false,
  text,
  fix: null,
  remedies: [{ do: 'install-cuda' }],
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

function isWsl(root: string): boolean {
  try {
    return /microsoft/i.test(readFileSync(join(root, '/proc/sys/kernel/osrelease'), 'utf8'));
  } catch {
    return false;
  }
}

/** What the driver calls the GPUs: `Model:` of each; empty under WSL. */
function gpuNames(root: string): readonly string[] {
  const folder = join(root, '/proc/driver/nvidia/gpus');
  try {
    return readdirSync(folder)
      .sort()
      .flatMap((name) => {
        const text = readFileSync(join(folder, name, 'information'), 'utf8');
        return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? [];
      });
  } catch {
    return [];
  }
}

/** The version that the file of the driver's library has in its name; WSL's has none. */
const libraryVersion = (path: string): string | null =>
  /^libcuda\.so\.(\d{3,}\.[\d.]+)$/.exec(realName(path))?.[1] ?? null;

function driverFinding(
  kernel: string | null,
  library: ReturnType<typeof loadLibrary>,
  cuda: number,
  root: string,
): CudaFinding {
  const name = [kernel === null ? 'driver' : `driver ${kernel}`, ...gpuNames(root)].join(', ');
  if (isFault(library)) {
    const missing = library.text === `${DRIVER_LIBRARY} was not found`;
    return failure(
      'driver',
      missing
        ? `${name}, but its library ${DRIVER_LIBRARY} is not where the loader looks`
        : `${name}, but ${library.text}`,
      library.folder !== null
        ? startWith([library.folder])
        : "In a container, start it with the GPU (`docker run --gpus all`); else install the driver's libraries again.",
    );
  }
  const oldest = oldestDriver.get(cuda);
  // Of both the library decides: NVIDIA's compatibility packages bring a newer one for an older kernel module.
  const version = libraryVersion(library.path) ?? kernel;
  return oldest !== undefined && version !== null && isOlder(version, oldest)
    ? failure(
        'driver',
        `${name} is too old: CUDA ${cuda} needs ${oldest} or newer, found ${version} (${library.path})`,
        'Update the NVIDIA driver.',
      )
    : success('driver', `${name}, ${library.path}${version === kernel ? '' : ` (${version ?? ''})`}`);
}

const startWith = (folders: readonly string[]): string =>
  `Start the editor or the command line with LD_LIBRARY_PATH=${[...new Set(folders)].join(':')}`;

/** Number by number; what is not a number compares as equal. */
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
    return notInstalled(text);
  }
  const path = join(runtimeFolder, PROVIDER);
  const machine = readSharedLibrary(path)?.machine;
  return machine === 'x86-64'
    ? {
        ...{ part: 'provider', ok: true, fix: null },
        // Read when it is shown: hundreds of heads in a file of 270 MB take a tenth of a second, which no analysis needs.
        get text() {
          const code = machineCode(path);
          return code === null ? path : `${path}, built for GPUs of ${capabilityText(code)}`;
        },
      }
    : notInstalled(`${path}: expected a library for x86-64, found ${machine ?? 'an incomplete library'}`);
}

/** NVIDIA's libraries that the installed provider names, without the driver's; of one that is not installed, what it is said to need. */
function neededLibraries({ runtimeFolder }: CudaSystem): readonly string[] {
  const named = readSharedLibrary(join(runtimeFolder, PROVIDER))?.needed.filter(
    (name) => /^lib(cu|nv)/.test(name) && name !== DRIVER_LIBRARY && !name.startsWith('libcudnn'),
  );
  return named !== undefined && named.length > 0 ? named : ASSUMED;
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
  const found = names.map((name, i) => {
    // cuDNN's parts are looked for beside its first library before anywhere else ($ORIGIN in its header).
    const first = part === 'cuDNN' && i > 0 ? loadLibrary(names[0] ?? '', system, folders) : null;
    const beside = first === null || isFault(first) ? [] : [dirname(first.path)];
    return loadLibrary(name, system, [...beside, ...folders]);
  });
  const faults = found.filter(isFault);
  const cuda = cudaVersion(neededLibraries(system));
  const product = part === 'cuDNN' ? 'cuDNN 9' : `CUDA ${cuda}`;
  if (faults.length === 0)
    return success(
      part,
      whereFound(
        product,
        found.filter((each): each is LoadedLibrary => !isFault(each)),
      ),
    );
  const misplaced = faults.flatMap(({ folder }) => (folder === null ? [] : [folder]));
  const install = part === 'cuDNN' ? `Install ${product} for CUDA ${cuda}.` : `Install ${product}.`;
  const beside = faults.some(({ text }) => text.includes(', but '))
    ? ' Other versions can stay installed.'
    : '';
  return failure(
    part,
    `${product} is not complete: ${faults.map(({ text }) => text).join('; ')}`,
    misplaced.length === faults.length
      ? startWith(misplaced)
      : faults.every(({ unreadable }) => unreadable)
        ? 'Let this user read these files (`chmod a+r`).'
        : `${install}${beside}`,
  );
}

/** Folders, versions where the names of the files have them, and the folders that hold others of the same names. */
function whereFound(product: string, found: readonly LoadedLibrary[]): string {
  const places = [...new Set(found.map(({ path }) => dirname(path)))].join(' and ');
  const versions = found.flatMap(({ name, path }) => (realName(path) === name ? [] : [realName(path)]));
  const others = [...new Set(found.flatMap(({ passedOver }) => passedOver.map((path) => dirname(path))))];
  return (
    `${product} in ${places}` +
    (versions.length === 0 ? '' : ` (${versions.join(', ')})`) +
    (others.length === 0 ? '' : `; the loader does not reach those in ${others.join(' and ')}`)
  );
}
