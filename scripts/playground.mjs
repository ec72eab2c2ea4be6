/**
 * `npm run playground`: Inference Lens in a real VS Code in the browser, on 127.0.0.1, with a sample workspace. It
 * sets everything up by itself, prints the address, and cleans up on Ctrl-C. After `--`: a folder of one's own to open
 * instead, `--vsix <file>` for what `npm run package` made in place of the checkout, `--vscode 1.139` for the newest,
 * `--timeout <seconds>` to stop by itself.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, install, root } from './setup.mjs';

const serverEnded = 'the VS Code server ended by itself';

const welcome = `# Try Inference Lens

1. Right-click \`portrait.png\` in the Explorer and choose **Analyze with Inference Lens**.
2. Walk through the layers with the arrow keys; click a thumbnail to look closer.
3. Press F1 and type *Inference Lens* for everything else: other weights, another device, Doctor.

Drop images of your own into the Explorer. This folder is deleted when the playground stops.
`;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      vsix: { type: 'string' },
      vscode: { type: 'string', default: '1.99' },
      timeout: { type: 'string' },
    },
  });
  const [folder, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`Expected one folder to open, found also: ${rest.join(', ')}.`);
  if (folder !== undefined && !(existsSync(folder) && statSync(folder).isDirectory()))
    throw new Error(`${folder} is not a folder.`);
  if (values.vsix !== undefined && !existsSync(values.vsix))
    throw new Error(`--vsix: ${values.vsix} does not exist. Make one with: npm run package`);
  const seconds = values.timeout === undefined ? null : Number(values.timeout);
  if (seconds !== null && !(seconds > 0))
    throw new Error(`--timeout: expected seconds, a number above 0, found ${values.timeout}.`);
  return { ...values, seconds, folder: folder === undefined ? null : resolve(folder) };
}

function sampleWorkspace(work) {
  const folder = mkdtempSync(join(work, 'playground-'));
  copyFileSync(join(root, 'samples', 'portrait.png'), join(folder, 'portrait.png'));
  writeFileSync(join(folder, 'README.md'), welcome);
  return folder;
}

/** Resolves with the first signal that asks to stop; one that comes while the server starts is not lost. */
const untilSignal = () =>
  new Promise((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
  });

/** Resolves when the time is over or the server's process is gone, with which of them. */
function untilOver(pid, seconds) {
  return new Promise((stop) => {
    if (seconds !== null) setTimeout(() => stop(`${seconds} s are over`), seconds * 1000);
    setInterval(() => {
      try {
        process.kill(pid, 0);
      } catch {
        stop(serverEnded);
      }
    }, 500);
  });
}

async function main() {
  const options = readOptions();
  install();
  const work = mkdtempSync(join(tmpdir(), 'lens-playground-'));
  process.on('exit', () => rmSync(work, { recursive: true, force: true }));
  const signal = untilSignal();
  const { tsImport } = await import('tsx/esm/api');
  const { startServer } = await tsImport('../test/e2e/vscode/server.ts', import.meta.url);
  console.log(`Setting up VS Code ${options.vscode} (once a version: npm fetches it) ...`);
  const folder = options.folder ?? sampleWorkspace(work);
  if (options.vsix === undefined) build();
  const extension = options.vsix === undefined ? root : resolve(options.vsix);
  const server = await startServer({ version: options.vscode, extension });
  const address = new URL(server.address);
  address.searchParams.set('folder', folder);
  console.log(
    `\nInference Lens in VS Code ${server.vscode.version}:\n\n    ${address.href}\n\nCtrl-C stops it.`,
  );
  const reason = await Promise.race([signal, untilOver(server.pid, options.seconds)]);
  console.log(`Stopping: ${reason}.`);
  await server.stop();
  process.exit(reason === serverEnded ? 1 : 0);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
