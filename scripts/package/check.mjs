/** What a finished package must hold, must not hold, and may weigh. */
import { nativeTarget } from './native.mjs';

/** Bytes of the archive. */
export const largest = 60e6;

const always = [
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/readme.md',
  'extension/changelog.md',
  'extension/LICENSE.txt',
  'extension/NOTICE',
  'extension/THIRD_PARTY_NOTICES.txt',
  'extension/dist/cli.js',
  'extension/dist/client.js',
  'extension/dist/engine.js',
  'extension/dist/session-worker.js',
  'extension/dist/painter-worker.js',
  'extension/dist/server.js',
  'extension/dist/panel.js',
  'extension/dist/panel.css',
  'extension/dist/model.js',
  'extension/dist/model.css',
  'extension/dist/evaluation.js',
  'extension/dist/evaluation.css',
  'extension/dist/models/face_detection_full_range.tflite',
  'extension/models/blazeface/LICENSE',
  'extension/models/lenses/fsbi.lens.json',
  'extension/models/lenses/mobilenet_v2.lens.json',
  'extension/models/mobilenet_v2/LICENSE',
  'extension/models/mobilenet_v2/labels.txt',
  'extension/models/mobilenet_v2/mobilenet_v2-b0353104.pth',
  'extension/protocol/check.schema.json',
  'extension/protocol/lens.schema.json',
  'extension/samples/portrait.png',
  'extension/samples/chelsea.png',
  'extension/samples/coffee.png',
  ...['cheater.onnx', 'cheater.lens.json', 'repaired.onnx', 'repaired.lens.json', 'README.md'].map(
    (name) => `extension/samples/watermark/${name}`,
  ),
  'extension/samples/watermark/cheater.check.json',
  'extension/samples/watermark/repaired.check.json',
  'extension/samples/watermark/pictures/square/30-marked.jpg',
  'extension/client/media/icon.png',
  ...['', '.de', '.zh-cn'].flatMap((language) => [
    `extension/package.nls${language}.json`,
    `extension/l10n/bundle.l10n${language}.json`,
  ]),
  'extension/node_modules/onnxruntime-node/package.json',
  'extension/node_modules/onnxruntime-node/script/install.js',
  'extension/node_modules/onnxruntime-common/package.json',
  'extension/node_modules/sharp/package.json',
];

const required = (target) => [
  ...always,
  ...target.runtimeFiles.map(
    (file) => `extension/node_modules/onnxruntime-node/bin/napi-v6/${target.platform}/${target.arch}/${file}`,
  ),
  ...target.nativePackages.map((name) => `extension/node_modules/${name}/package.json`),
];

/** Source, tests, and what tells a debugger about them. */
const unwanted = /\.(map|ts|tsx|mts|cts|cc|h|gyp)$|\.test\.|\/(tests?|bench|\.git[^/]*)\/|short_range/;

/**
 * @param {{ name: string, read: () => Buffer }[]} entries of the archive
 * @param {number} size of the archive in bytes
 * @returns {string[]} what is wrong with it; empty if nothing is
 */
export function problems(entries, size, target) {
  const names = entries.map(({ name }) => name);
  const found = [];
  if (size > largest)
    found.push(`it has ${(size / 1e6).toFixed(1)} MB, more than the ${largest / 1e6} that it may have`);
  for (const name of required(target)) if (!names.includes(name)) found.push(`${name} is missing`);
  for (const name of names.filter((name, at) => names.indexOf(name) !== at))
    found.push(`${name} is in it twice`);
  for (const name of names.filter((name) => unwanted.test(name))) found.push(`${name} does not belong in it`);
  for (const { name, read } of entries) {
    const made = nativeTarget(read());
    if (made !== null && made !== target.name) found.push(`${name} is made for ${made}, not ${target.name}`);
  }
  return found;
}
