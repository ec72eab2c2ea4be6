/** THIRD_PARTY_NOTICES.txt: who made what is in a package, under which license, with the texts. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { readManifest } from './modules.mjs';

const licenses = join(root, 'scripts', 'package', 'licenses');
const text = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim();
const legal = /^(licen[cs]e|copying|notices?|third-?party)/i;
const rule = '='.repeat(78);

const mit = (holder) => `MIT License\n\n${holder}\n\n${text(join(licenses, 'MIT.txt'))}`;

/** Packages that were published without a file for it: the license of the repositories they are made from. */
const unfiled = [
  [/^onnxruntime-/, () => mit('Copyright (c) 2018 - present Microsoft Corporation')],
  [/^@microsoft\/fast-/, () => mit('Copyright (c) Microsoft Corporation. All rights reserved.')],
  [/^@img\/sharp-libvips-/, () => 'The texts of the LGPL and of the GPL, which it extends, are at the end.'],
];

/** Which libraries a build of libvips holds, as its own readme lists them. */
function contents(folder) {
  const readme = join(folder, 'README.md');
  if (!existsSync(readme)) return '';
  const start = text(readme).indexOf('## Licensing');
  return start < 0 ? '' : text(readme).slice(start);
}

function texts(folder, { name, license }) {
  const files = readdirSync(folder).filter((file) => legal.test(file));
  const found = files.sort().map((file) => text(join(folder, file)));
  if (/LGPL/.test(license)) found.push(contents(folder));
  if (files.length === 0) {
    const known = unfiled.find(([names]) => names.test(name));
    if (!known)
      throw new Error(
        `${name} has no license file. Add what its repository says to scripts/package/notices.mjs.`,
      );
    found.unshift(known[1](folder));
  }
  return found.filter((part) => part !== '').join('\n\n');
}

const address = ({ homepage, repository }) =>
  homepage ?? (typeof repository === 'string' ? repository : (repository?.url ?? ''));

const section = (title, body) => `${rule}\n${title}\n${rule}\n\n${body}\n`;

/** The folders of the packages that bundled files came from, each once. */
export function bundledFolders(inputs) {
  const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
  const found = inputs.map((path) => folder.exec(path)?.[1]).filter((path) => path !== undefined);
  return [...new Set(found)].map((path) => join(root, path));
}

/** The whole file. Fails where a package names no license and none is known. */
export function thirdPartyNotices(folders) {
  const packages = folders
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));
  const unique = packages.filter(
    ({ manifest }, at) =>
      packages.findIndex(
        (p) => p.manifest.name === manifest.name && p.manifest.version === manifest.version,
      ) === at,
  );
  return [
    'Inference Lens contains the following software of others. Its own license is in LICENSE.\n',
    ...unique.map(({ folder, manifest }) =>
      section(
        `${manifest.name} ${manifest.version} (${manifest.license})  ${address(manifest)}`.trim(),
        texts(folder, manifest),
      ),
    ),
    section('BlazeFace (Apache-2.0)', text(join(root, 'models', 'blazeface', 'README.md'))),
    section('Apache License 2.0', text(join(root, 'models', 'blazeface', 'LICENSE'))),
    section('GNU Lesser General Public License 3', text(join(licenses, 'LGPL-3.0.txt'))),
    section('GNU General Public License 3', text(join(licenses, 'GPL-3.0.txt'))),
  ].join('\n');
}
