/** Which Node runs the server and the engine: the editor's own, or one that the user has. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { engines } from '../../../package.json';

export interface Runtime {
  /** Absolute path or a command on the PATH; null is the Node of the extension host. */
  readonly path: string | null;
  /** Why this one, for the log. */
  readonly why: string;
}

/** Oldest Node that runs the server: package.json states it, so that no two checks differ. */
const oldest = engines.node.replace(/^>=\s*/, '');

export type NodeVersion = (path: string) => Promise<string>;

const askVersion: NodeVersion = async (path) => {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 5000 });
  return stdout.trim();
};

/**
 * `auto` prefers a plain Node where the extension host runs in Electron: native code has less memory there
 * (a memory cage, in which onnxruntime's allocator can fail). Anything but `auto` and `electron` is a path.
 * @param electron version of Electron, undefined in a remote extension host, which already is a plain Node
 * @throws Error naming the path, if it is not a Node that is new enough
 */
export async function chooseRuntime(
  setting: string,
  electron: string | undefined,
  version: NodeVersion = askVersion,
): Promise<Runtime> {
  if (setting === 'electron') return { path: null, why: 'the setting asks for the editor’s own' };
  if (setting !== 'auto') {
    const found = await version(setting).catch((error: unknown) => {
      throw new Error(
        `The runtime ${setting} cannot be started: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    if (!newEnough(found))
      throw new Error(`The runtime ${setting} is ${found}; Node ${oldest} or newer is needed.`);
    return { path: setting, why: `the setting names it (${found})` };
  }
  if (electron === undefined) return { path: null, why: 'the extension host is a plain Node' };
  const found = await version('node').catch(() => null);
  if (found === null) return { path: null, why: 'no node is on the PATH' };
  if (!newEnough(found)) return { path: null, why: `node on the PATH is ${found}, too old` };
  return { path: 'node', why: `node on the PATH is ${found}` };
}

/** @param version as `node --version` prints it; anything else is too old */
export function newEnough(version: string): boolean {
  const found = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version)?.slice(1) ?? [];
  const needed = oldest.split('.').map(Number);
  const differs = needed.findIndex((part, i) => Number(found[i] ?? 0) !== part);
  return differs < 0 || Number(found[differs] ?? 0) > (needed[differs] ?? 0);
}
