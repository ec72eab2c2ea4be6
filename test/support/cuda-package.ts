/** The NuGet package with CUDA libraries that the runtime's installer fetches, and a copy of the runtime to install it into. */
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import AdmZip from 'adm-zip';
import { cudaProvider } from '../../server/src/runtime/cuda/install';
import { runtimeFolder, runtimeVersion } from '../../server/src/runtime/devices';
import { root } from './cli';
import { cuda13 } from './cuda-machine';
import { nuget, type Routes } from './nuget';
import { sharedLibrary } from './shared-library';

export const runtimePackage = join(runtimeFolder(), '..', '..', '..', '..');
const [cudaFile, sharedFile] = cudaProvider.files;

/** Where the libraries go, in a folder of onnxruntime-node. */
export const target = (folder: string): string => join(folder, 'bin', 'napi-v6', 'linux', 'x64');
export const libraries = { [cudaFile]: sharedLibrary({ needed: cuda13 }), [sharedFile]: sharedLibrary() };

/** A copy of onnxruntime-node without its native files, whose installer finds what it requires. */
export function runtimeCopy(temporary: string): string {
  const modules = join(mkdtempSync(join(temporary, 'copy-')), 'node_modules');
  const folder = join(modules, 'onnxruntime-node');
  mkdirSync(target(folder), { recursive: true });
  for (const name of ['package.json', 'script']) {
    cpSync(join(runtimePackage, name), join(folder, name), { recursive: true });
  }
  for (const name of ['adm-zip', 'global-agent']) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  return folder;
}

export function nupkg(files: Readonly<Record<string, Buffer>> = libraries): Buffer {
  const zip = new AdmZip();
  for (const [name, bytes] of Object.entries(files)) zip.addFile(`${cudaProvider.folder}/${name}`, bytes);
  zip.addFile(`${cudaProvider.folder}/libonnxruntime_providers_tensorrt.so`, sharedLibrary());
  return zip.toBuffer();
}

export const serving = (bytes: Buffer, name: string = cudaProvider.package): Routes =>
  nuget(name, runtimeVersion(), (response) => void response.end(bytes));
