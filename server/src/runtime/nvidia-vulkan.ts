/** What NVIDIA's Vulkan driver needs of others: servers and containers often have the driver without it. */
import { LensError } from '../errors';
import { findLibrary, loaderFolders, type LibrarySearch } from './cuda/library-search';

/**
 * Of GLVND, with the packages of Debian and Ubuntu. Without them the driver's own library loads, but gives Vulkan's loader no function
 * ("Found no drivers", driver 580), and WebGPU finds no adapter.
 */
const LIBRARIES = [
  { name: 'libGL.so.1', from: 'libgl1' },
  { name: 'libEGL.so.1', from: 'libegl1' },
] as const;

const isNvidia = (driver: string): boolean => /nvidia/i.test(driver);

/** WebGPU's refusal, with what NVIDIA's driver lacks where that is why. @param drivers file names of their manifests */
export function withMissingVulkanParts(
  thrown: unknown,
  drivers: readonly string[],
  search: LibrarySearch = { root: '/', env: process.env },
): unknown {
  if (!(thrown instanceof LensError) || !drivers.some(isNvidia)) return thrown;
  const folders = loaderFolders(search);
  const missing = LIBRARIES.filter(({ name }) => findLibrary(name, folders) === null);
  if (missing.length === 0) return thrown;
  const names = missing.map(({ name }) => name).join(' and ');
  const packages = missing.map(({ from }) => from).join(' ');
  return new LensError(
    'device',
    `The webgpu device does not start: NVIDIA's Vulkan driver needs ${names}, which the loader does not find.`,
    { cause: thrown, fix: `Install GLVND's libraries (Debian and Ubuntu: \`apt install ${packages}\`).` },
  );
}
