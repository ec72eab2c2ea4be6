/** Where Linux's dynamic loader finds a library by name, and where else one may be that it does not find. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';

export interface LibrarySearch {
  /** Of the machine that is examined; `/` except in tests. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** ld.so(8): LD_LIBRARY_PATH, then what /etc/ld.so.conf lists, then the default folders. */
export function loaderFolders({ root, env }: LibrarySearch): readonly string[] {
  const own = (env['LD_LIBRARY_PATH'] ?? '').split(':').filter((path) => path !== '');
  const standard = [
    '/lib/x86_64-linux-gnu',
    '/usr/lib/x86_64-linux-gnu',
    '/lib64',
    '/usr/lib64',
    '/lib',
    '/usr/lib',
  ];
  const listed = configured(root, '/etc/ld.so.conf', new Set());
  return unique([...own, ...[...listed, ...standard].map((path) => join(root, path))]);
}

/** One folder a line; `include` takes a pattern of file names. */
function configured(root: string, path: string, seen: Set<string>): readonly string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  return linesOf(join(root, path)).flatMap((line) => {
    const included = /^include\s+(\S+)/.exec(line)?.[1];
    if (included === undefined) return isAbsolute(line) ? [line] : [];
    const pattern = isAbsolute(included) ? included : join(dirname(path), included);
    return matching(root, pattern).flatMap((file) => configured(root, file, seen));
  });
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** Paths below `root` that fit a pattern whose segments may hold `*`, without following `root` itself. */
function matching(root: string, pattern: string): readonly string[] {
  return pattern
    .split('/')
    .filter((segment) => segment !== '')
    .reduce<readonly string[]>(
      (folders, segment) =>
        folders.flatMap((folder) => {
          if (!segment.includes('*'))
            return existsSync(join(root, folder, segment)) ? [`${folder}/${segment}`] : [];
          const parts = segment.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
          const wanted = new RegExp(`^${parts.join('.*')}$`);
          return namesIn(join(root, folder))
            .filter((name) => wanted.test(name))
            .map((name) => `${folder}/${name}`);
        }),
      [''],
    );
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};

/**
 * Where CUDA's own installer, conda and pip (`nvidia/cu13/lib` for CUDA 13) put libraries without registering
 * them with the loader.
 */
const elsewhere = [
  '/usr/local/cuda*/lib64',
  '/usr/local/cuda*/targets/x86_64-linux/lib',
  '/opt/cuda/lib64',
  '/opt/cuda*/lib64',
  '/usr/local/lib/python3*/dist-packages/nvidia/*/lib',
  '/usr/local/lib/python3*/site-packages/nvidia/*/lib',
  '/usr/lib/wsl/lib',
];

/** Folders that exist and that the loader does not look into. */
export function otherFolders(search: LibrarySearch): readonly string[] {
  const { root, env } = search;
  const environments = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']]
    .filter((path) => path !== undefined && path !== '')
    .flatMap((path) => [`${path}/lib`, ...matching('/', `${path}/lib/python3*/site-packages/nvidia/*/lib`)]);
  const user = env['HOME'];
  const ofUser =
    user === undefined || user === ''
      ? []
      : matching('/', `${user}/.local/lib/python3*/site-packages/nvidia/*/lib`);
  const homes = [env['CUDA_HOME'], env['CUDA_PATH']]
    .filter((path) => path !== undefined && path !== '')
    .map((path) => `${path}/lib64`);
  const known = elsewhere.flatMap((pattern) => matching(root, pattern).map((path) => join(root, path)));
  const searched = new Set(loaderFolders(search));
  return unique([...homes, ...environments, ...ofUser, ...known]).filter(
    (folder) => existsSync(folder) && !searched.has(folder),
  );
}

/** The first folder that has the file; null where none does. */
export function findLibrary(name: string, folders: readonly string[]): string | null {
  const folder = folders.find((candidate) => existsSync(join(candidate, name)));
  return folder === undefined ? null : join(folder, name);
}

/** Files of the same library in other major versions: `libcudart.so.11.0` and `libcudart.so.13` for `libcudart.so.12`. */
export function otherVersions(name: string, folders: readonly string[]): readonly string[] {
  const stem = name.replace(/\.so.*/, '.so.');
  const found = folders.flatMap((folder) =>
    namesIn(folder)
      .filter((file) => file.startsWith(stem) && file !== name && !file.startsWith(`${name}.`))
      .map((file) => join(folder, file)),
  );
  const perMajor = new Map(
    found.map((path) => [basename(path).slice(stem.length).split('.')[0], path] as const),
  );
  return [...perMajor.values()];
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];
