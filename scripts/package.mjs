/**
 * `npm run package`: the extension as one VSIX a platform, in dist/. `-- --target win32-x64` makes another platform's,
 * `--target all` every one that can be made (docs/targets.md), `--out <folder>` puts them elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { problems } from './package/check.mjs';
import { readManifest } from './package/modules.mjs';
import { stageExtension } from './package/stage.mjs';
import { findTarget, targets } from './package/targets.mjs';
import { readArchive } from './package/zip.mjs';
import { install, root } from './setup.mjs';

/** Archives name no time but this, so that the same files give the same archive. ZIP knows none before 1980. */
const reproducible = { SOURCE_DATE_EPOCH: '315619200', TZ: 'UTC' };

const megabytes = (bytes) => (bytes / 1e6).toFixed(2).padStart(7);

/** The group that an entry is counted in: its module, or its first folder. */
const group = (name) =>
  /^extension\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name.split('/').slice(0, 2).join('/');

function list(entries) {
  const groups = new Map();
  for (const { name, size, packed } of entries) {
    const sum = groups.get(group(name)) ?? { files: 0, size: 0, packed: 0 };
    groups.set(group(name), { files: sum.files + 1, size: sum.size + size, packed: sum.packed + packed });
  }
  console.log('  packed  unpacked  files');
  for (const [name, { files, size, packed }] of [...groups].sort((a, b) => b[1].packed - a[1].packed))
    console.log(` ${megabytes(packed)}   ${megabytes(size)}  ${String(files).padStart(5)}  ${name}`);
}

/**
 * vsce warns about the many files of native modules and about the missing ignore file; its output matters
 * only where it fails.
 */
function pack(stage, target, archive) {
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = [vsce, 'package', '--target', target.name, '--out', archive];
  const env = { ...process.env, ...reproducible };
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: stage,
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(`vsce ended with ${status ?? signal}:\n${stdout}\n${stderr}`);
}

/** Makes one target's archive, checks it, and only then puts it into place. */
async function packageFor(target, out) {
  const { name, version } = readManifest(root);
  const work = mkdtempSync(join(tmpdir(), 'lens-package-'));
  try {
    const stage = join(work, 'extension');
    const archive = join(work, 'archive.vsix');
    await stageExtension(stage, join(work, 'inputs.json'), target);
    pack(stage, target, archive);
    const entries = readArchive(archive);
    const { size } = statSync(archive);
    const wrong = problems(entries, size, target);
    if (wrong.length > 0)
      throw new Error(`The package for ${target.name} is not as it must be:\n  ${wrong.join('\n  ')}`);
    mkdirSync(out, { recursive: true });
    const place = join(out, `${name}-${target.name}-${version}.vsix`);
    copyFileSync(archive, place);
    list(entries);
    console.log(`${place}: ${(size / 1e6).toFixed(1)} MB, ${entries.length} files`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true, default: [`${process.platform}-${process.arch}`] },
      out: { type: 'string', default: join(root, 'dist') },
    },
  });
  const names = values.target.includes('all') ? Object.keys(targets) : values.target;
  const chosen = names.map(findTarget);
  install();
  for (const target of chosen) await packageFor(target, resolve(values.out));
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
