/** A VS Code server on 127.0.0.1 with data of its own, stopped together with every process it started. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { installVSCode, type InstalledVSCode, type VSCodeVersion } from './install.mjs';

export interface ServerOptions {
  readonly version: VSCodeVersion;
  /** A .vsix file or an unpacked extension's folder; none for a bare VS Code. */
  readonly extension?: string;
  /** Folders of unpacked extensions that are there too. */
  readonly beside?: readonly string[];
  /** User settings beside the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Of the machine: a window of a server takes settings of a machine's scope from nowhere else. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** Added to the environment that extensions run in. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface VSCodeServer {
  readonly vscode: InstalledVSCode;
  /** Such as `http://127.0.0.1:40123`. */
  readonly address: string;
  /** Everything of this server; removed when it stops. */
  readonly data: string;
  /** Of the server's process, which leads its own process group. */
  readonly pid: number;
  /** What the server wrote to stdout and stderr so far. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

/** No welcome page, no trust question, nothing that calls out. */
const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'window.commandCenter': false,
  'git.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

const startLimit = 60_000;
const stopLimit = 5_000;

/** Where the server keeps its things under `data`. */
const folders = (data: string) => ({ server: join(data, 'server'), extensions: join(data, 'extensions') });

async function installUnpacked(folder: string, extensions: string): Promise<readonly Installed[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const identifier = `${String(manifest['publisher'])}.${String(manifest['name'])}`;
  const home = join(extensions, `${identifier}-${String(manifest['version'])}`);
  await mkdir(home);
  for (const name of await readdir(folder)) {
    const [from, to] = [join(resolve(folder), name), join(home, name)];
    // VS Code tells by its real path whose script asks for the API, and so in which language.
    if (name === 'dist') await linkedFiles(from, to);
    else await symlink(from, to);
  }
  const entry = {
    identifier: { id: identifier },
    version: manifest['version'],
    location: { $mid: 1, path: home, scheme: 'file' },
    relativeLocation: basename(home),
  };
  return [entry];
}

/** Lets VS Code install an archive, once for all tests, and gives this server what it installed. */
async function installArchive(
  vsix: string,
  vscode: InstalledVSCode,
  extensions: string,
): Promise<readonly Installed[]> {
  const { mtimeMs, size } = await stat(vsix);
  const installed = join(dirname(vsix), `installed-${vscode.version}-${mtimeMs}-${size}`);
  if (!existsSync(installed)) {
    const beside = await mkdtemp(`${installed}.partial-`);
    await install(vsix, vscode, beside);
    await rename(join(beside, 'extensions'), installed).catch((error: unknown) => {
      if (!existsSync(installed)) throw error; // otherwise another test was faster
    });
    await rm(beside, { recursive: true });
  }
  for (const name of await readdir(installed))
    if (name !== LIST) await linked(join(installed, name), join(extensions, name));
  const entries = JSON.parse(await readFile(join(installed, LIST), 'utf8')) as readonly Installed[];
  return entries.map((entry) => ({
    ...entry,
    location: { $mid: 1, path: join(extensions, entry.relativeLocation), scheme: 'file' },
  }));
}

/** VS Code's list of extensions, in their folder. */
const LIST = 'extensions.json';

/** An entry of it. */
interface Installed {
  readonly relativeLocation: string;
}

/** The files of a folder and none below it. */
async function linkedFiles(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true }))
    if (entry.isFile()) await place(join(from, entry.name), join(to, entry.name));
    else if (entry.name !== 'vsix') await symlink(join(from, entry.name), join(to, entry.name));
}

const place = (from: string, to: string): Promise<void> => link(from, to).catch(() => copyFile(from, to));

/** The same files in another folder, copied only where two file systems hold them. */
async function linked(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [path, beside] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linked(path, beside);
    else await place(path, beside);
  }
}

async function install(vsix: string, vscode: InstalledVSCode, data: string): Promise<void> {
  const { server, extensions } = folders(data);
  const child = spawn(
    vscode.node,
    [
      ...[vscode.server, '--install-extension', vsix, '--force', '--accept-server-license-terms'],
      ...['--server-data-dir', server, '--extensions-dir', extensions],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`VS Code would not install ${vsix}:\n${output()}`);
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** The port that the server says it listens on. */
async function listening(child: ChildProcess, output: () => string): Promise<number> {
  const deadline = Date.now() + startLimit;
  for (;;) {
    const port = /Web UI available at http:\/\/[^:\s]+:(\d+)/.exec(output())?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null)
      throw new Error(`The VS Code server ended with ${child.exitCode}:\n${output()}`);
    if (Date.now() > deadline)
      throw new Error(`The VS Code server did not listen within a minute:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false; // the group is gone
  }
}

/** Ends the server's whole process group: politely, then not. Extension hosts outlive a server that is only killed. */
async function stopGroup(pid: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const deadline = Date.now() + stopLimit;
  while (signalGroup(pid, 0)) {
    if (Date.now() > deadline) signalGroup(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function startServer(options: ServerOptions): Promise<VSCodeServer> {
  const vscode = await installVSCode(options.version);
  const data = await mkdtemp(join(tmpdir(), 'lens-vscode-'));
  const { server, extensions } = folders(data);
  await mkdir(join(server, 'data/User'), { recursive: true });
  await mkdir(extensions);
  const settings = { ...quietSettings, ...options.settings };
  await writeFile(join(server, 'data/User/settings.json'), JSON.stringify(settings, null, 2));
  if (options.machineSettings !== undefined) {
    await mkdir(join(server, 'data/Machine'), { recursive: true });
    await writeFile(join(server, 'data/Machine/settings.json'), JSON.stringify(options.machineSettings));
  }
  const { extension, beside = [] } = options;
  const installed = [...(extension === undefined ? [] : [extension]), ...beside].map((path) =>
    path.endsWith('.vsix') ? installArchive(path, vscode, extensions) : installUnpacked(path, extensions),
  );
  if (installed.length > 0)
    await writeFile(join(extensions, LIST), JSON.stringify((await Promise.all(installed)).flat()));

  const child = spawn(
    vscode.node,
    [
      ...[vscode.server, '--host', '127.0.0.1', '--port', '0', '--without-connection-token'],
      ...['--accept-server-license-terms', '--telemetry-level', 'off'],
      ...['--server-data-dir', server, '--extensions-dir', extensions],
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } },
  );
  const output = collect(child);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${vscode.node} could not be started.`);
  const stop = async () => {
    await stopGroup(pid);
    await rm(data, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const port = await listening(child, output);
    return { vscode, address: `http://127.0.0.1:${port}`, data, pid, output, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
