/** The runtime's install script in a process of its own: its environment, its progress, why it failed. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { throwIfAborted } from '../../errors';

export interface InstallerOptions {
  /** That the script looks for. */
  readonly package: string;
  readonly signal?: AbortSignal;
  /** Without a byte for so long the download counts as broken. */
  readonly stallMs?: number;
}

const PROGRESS_MS = 2000;

/**
 * Loaded before the script. Its proxy agent (global-agent 4.1) sends a server name only if a request is
 * marked `secureEndpoint`, which Node's own requests are not: through a proxy, every certificate is refused
 * as not one of "localhost". Where the server refuses before the file of the download is open, the script
 * fails to remove that file instead of saying why.
 */
const MENDED = `
const fs = require('node:fs');
const { unlinkSync } = fs;
fs.unlinkSync = (path) => {
  if (fs.existsSync(path)) unlinkSync(path);
};
const https = require('node:https');
for (const name of ['get', 'request']) {
  const own = https[name];
  https[name] = (...args) =>
    own(...args.map((arg) => (arg?.constructor === Object ? { ...arg, secureEndpoint: true } : arg)));
}
`;

/**
 * The environment of the script. Its `cuda12`, which its comments offer, is taken for no choice at all (1.30: parseInstallFlag), and
 * then it does nothing inside `npm run`; `true` fetches what the platform has. It only knows proxies by the names of global-agent.
 */
function installerEnv(staging: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  const known = (name: string): string | undefined => env[name] ?? env[name.toLowerCase()];
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']) {
    const value = known(name);
    if (value !== undefined && value !== '') env[`GLOBAL_AGENT_${name}`] ??= value;
  }
  return {
    ...env,
    ONNXRUNTIME_NODE_INSTALL: 'true',
    ELECTRON_RUN_AS_NODE: '1',
    TMPDIR: join(staging, 'temp'),
  };
}

/**
 * @param staging holds the script in `script/` and an empty folder `temp/`
 * @returns why it failed; null where it says that all is well, which it also does when a download breaks off
 */
export async function runInstaller(
  staging: string,
  say: (line: string) => void,
  { signal, stallMs = 60_000, package: wanted }: InstallerOptions,
): Promise<string | null> {
  throwIfAborted(signal);
  writeFileSync(join(staging, 'mended.cjs'), MENDED);
  const child = spawn(
    process.execPath,
    ['--require', join(staging, 'mended.cjs'), join(staging, 'script', 'install.js')],
    {
      cwd: staging,
      env: installerEnv(staging),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const seen = { unpacking: false, stalled: false };
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const unpacked = /^Extracting (\S+)/.exec(line)?.[1];
    seen.unpacking ||= unpacked !== undefined;
    say(unpacked === undefined ? line : `Unpacking ${basename(unpacked)}`);
  });
  let bytes = 0;
  let changed = performance.now();
  let reported = changed;
  const watch = setInterval(() => {
    void downloaded(join(staging, 'temp')).then((now) => {
      const time = performance.now();
      if (now !== bytes || seen.unpacking) changed = time;
      if (now > bytes && time - reported >= PROGRESS_MS) {
        say(`Downloaded ${(now / 1e6).toFixed(0)} MB`);
        reported = time;
      }
      bytes = now;
      if (time - changed < stallMs) return;
      seen.stalled = true;
      child.kill('SIGKILL');
    });
  }, 250);
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  try {
    const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...ended) => resolve(ended));
    });
    if (seen.stalled) return `nothing was received for ${Math.round(stallMs / 1000)} s, after ${bytes} bytes`;
    return code === 0
      ? null
      : (reasonIn(errors, wanted) ?? `the installer ended with ${by ?? `exit code ${String(code)}`}`);
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', stop);
  }
}

/** What the script has written into its temporary folder, in bytes. */
async function downloaded(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The message of an exception that ended a Node program. */
function reasonIn(errors: readonly string[], wanted: string): string | null {
  const [first] = errors.flatMap((line) => /^(?:\w*Error)(?: \[\w+\])?: (.+)$/.exec(line)?.[1] ?? []);
  // The script reads on where the host has answered 404 for the list of versions.
  if (first?.includes("reading 'versions'") === true) return `the host has no package ${wanted}`;
  return first ?? errors.findLast((line) => line.trim() !== '') ?? null;
}
