/** Lays out what one target's package holds in an empty folder: named files only, nothing swept up. */
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../setup.mjs';
import { copyFile, filesBelow, nativeModules, readManifest, stageModules } from './modules.mjs';
import { bundledFolders, thirdPartyNotices } from './notices.mjs';
import { packageReadme } from './readme.mjs';

/** Of the checkout, as they are. */
const ownFiles = [
  ...['CHANGELOG.md', 'LICENSE', 'NOTICE', 'protocol/lens.schema.json', 'protocol/check.schema.json'],
  ...['portrait.png', 'chelsea.png', 'coffee.png'].map((name) => `samples/${name}`),
];
const ownFolders = ['models', 'client/media', 'samples/watermark', 'l10n'];

/** The manifest's texts, and their translations. */
const isWords = (name) => /^package\.nls(?:\.[\w-]+)?\.json$/.test(name);

/** What only a checkout needs: what pictures and networks were made from. */
const isSource = (path) => path === 'icon.svg' || path.endsWith('.py');

function stageBundles(stage, inputs) {
  run(process.execPath, ['esbuild.mjs', '--release', '--outdir', join(stage, 'dist'), '--inputs', inputs]);
  // Only tests read the short-range detector.
  rmSync(join(stage, 'dist', 'models', 'face_detection_short_range.tflite'));
}

/** Keys of package.json that speak to those who build. */
const building = ['private', 'scripts', 'devDependencies'];

/**
 * The extension's manifest; its dependencies are the packages that are not bundled, at the installed
 * versions.
 */
function manifest() {
  const published = Object.entries(readManifest(root)).filter(([key]) => !building.includes(key));
  const version = (name) => readManifest(join(root, 'node_modules', name)).version;
  const dependencies = Object.fromEntries(nativeModules.map((name) => [name, version(name)]));
  return { ...Object.fromEntries(published), dependencies };
}

/**
 * @param {string} stage an empty folder
 * @param {string} inputs where esbuild may write what it bundled
 * @param target one of targets.mjs
 */
export async function stageExtension(stage, inputs, target) {
  stageBundles(stage, inputs);
  for (const file of [...ownFiles, ...readdirSync(root).filter(isWords)])
    copyFile(join(root, file), join(stage, file));
  for (const folder of ownFolders) {
    for (const file of filesBelow(join(root, folder)))
      if (!isSource(file)) copyFile(join(root, folder, file), join(stage, folder, file));
  }
  const page = readFileSync(join(root, 'docs', 'marketplace.md'), 'utf8');
  writeFileSync(join(stage, 'README.md'), packageReadme(page));
  const modules = await stageModules(stage, target);
  const bundled = bundledFolders(JSON.parse(readFileSync(inputs, 'utf8')));
  writeFileSync(join(stage, 'THIRD_PARTY_NOTICES.txt'), thirdPartyNotices([...bundled, ...modules]));
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
}
