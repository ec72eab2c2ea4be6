/** Fetches the runtime's CUDA libraries with the runtime's own installer, only ever on request. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LensError } from '../errors';
import { runtimeFolder } from './devices';

/**
 * Runs onnxruntime-node's install script for CUDA 12 (Linux and Windows, x64). Needs the network.
 * @param say receives the installer's lines
 * @throws LensError of kind `device`
 */
export async function installCuda(say: (line: string) => void): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new LensError(
      'device',
      `The runtime has CUDA libraries for Linux on x64 only; this is ${process.platform}-${process.arch}.`,
    );
  }
  const script = join(runtimeFolder(), '..', '..', '..', '..', 'script', 'install.js');
  if (!existsSync(script)) {
    throw new LensError('device', `The runtime's installer is not at ${script}.`, {
      fix: 'Install onnxruntime-node again.',
    });
  }
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12', ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', say);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new LensError(
      'device',
      `The CUDA libraries could not be installed: the installer ended with exit code ${String(code)}.`,
      {
        fix: 'Check the network and the proxy (GLOBAL_AGENT_HTTPS_PROXY); the lines above say what failed.',
      },
    );
  }
}
