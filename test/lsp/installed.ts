/** The built extension as an editor has it: a folder of its own, whose runtime may be written. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/cli';
import { runtimePackage, target } from '../support/cuda-package';

export interface Installed {
  /** Absolute path of the extension. */
  readonly root: string;
  /** Absolute path of its onnxruntime-node. */
  readonly runtime: string;
}

export function installedExtension(temporary: string): Installed {
  const place = mkdtempSync(join(temporary, 'extension-'));
  const runtime = join(place, 'node_modules', 'onnxruntime-node');
  chmodSync(place, 0o755);
  mkdirSync(target(runtime), { recursive: true });
  cpSync(join(root, 'dist'), join(place, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(place, 'package.json'));
  symlinkSync(join(root, 'models'), join(place, 'models'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== 'onnxruntime-node' && !name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(place, 'node_modules', name));
  }
  for (const name of ['package.json', 'script', 'dist'])
    cpSync(join(runtimePackage, name), join(runtime, name), { recursive: true });
  for (const name of readdirSync(target(runtimePackage)))
    symlinkSync(join(target(runtimePackage), name), join(target(runtime), name));
  return { root: place, runtime };
}
