/** Breaks a report folder in one way or a few: values, parts, text, and the files that stand beside it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Report } from '../../../protocol/report';
import type { Random } from '../random';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What stands in the place of a value; each has brought some program down. */
const values: readonly ((random: Random) => Json)[] = [
  () => null,
  () => true,
  () => ({}),
  () => [],
  () => '',
  () => 0,
  () => -1,
  () => 0.5,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 1e308,
  () => 'NaN',
  () => 'Infinity',
  () => '../../../../../../etc/passwd',
  () => '/dev/zero',
  () => '\\\\host\\share\\x',
  () => 'C:x',
  () => '__proto__',
  () => 'constructor',
  () => '<img src=x onerror=alert(1)>',
  () => '\u001b[31m\u0000\u202e',
  () => '\ud800',
  (random) => 'x'.repeat(random.pick([2000, 60_000, 300_000])),
  (random) => nested(random.pick([10, 100, 2000])),
  (random) => Array.from({ length: random.pick([1, 500, 20_000]) }, () => 0),
  (random) => ({ ['x'.repeat(random.below(50))]: [1, 2, { a: 'b' }] }),
  (random) => random.below(2 ** 31),
];

function nested(levels: number): Json {
  let value: Json = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A random place below a value: its holder and key. Null where there is none. */
function place(
  value: Json,
  random: Random,
): { holder: Json[] | { [name: string]: Json }; key: string } | null {
  if (value === null || typeof value !== 'object') return null;
  const keys = Object.keys(value);
  if (keys.length === 0) return null;
  const key = random.pick(keys);
  const child = (value as { [name: string]: Json })[key] as Json;
  return (random.below(6) === 0 ? null : place(child, random)) ?? { holder: value, key };
}

/** A change of the parsed report. */
type Change = (report: Json, random: Random) => void;

const changes: readonly Change[] = [
  (report, random) => {
    const at = place(report, random);
    if (at) (at.holder as { [name: string]: Json })[at.key] = random.pick(values)(random);
  },
  (report, random) => {
    const at = place(report, random);
    if (at && Array.isArray(at.holder)) at.holder.splice(Number(at.key), 1);
    else if (at) Reflect.deleteProperty(at.holder, at.key);
  },
  (report, random) => {
    const [one, two] = [place(report, random), place(report, random)];
    if (one && two)
      (one.holder as { [name: string]: Json })[one.key] = structuredClone(
        (two.holder as { [name: string]: Json })[two.key] as Json,
      );
  },
  (report, random) => {
    const at = place(report, random);
    if (at && Array.isArray(at.holder)) {
      const item = at.holder[Number(at.key)] as Json;
      for (let i = random.pick([1, 3, 1000]); i > 0; i--) at.holder.push(structuredClone(item));
    }
  },
];

/** A lie that agrees with itself, so that it passes for a report: what the engine is asked to do with it counts. */
const lies: readonly ((report: Mutable<Report>, random: Random) => void)[] = [
  (report, random) => {
    report.input.path = random.pick([
      '/dev/zero',
      '/dev/null',
      '/etc/passwd',
      '/',
      '/proc/self/mem',
      'x.png',
      '/gone',
    ]);
  },
  (report, random) => {
    report.model.path = random.pick(['/dev/zero', '/etc/passwd', '/', '/proc/self/mem', '/gone.onnx', '']);
    if (report.options) report.options.weights = report.model.path || 'demo';
  },
  (report, random) => {
    const side = random.pick([1, 31, 33, 64, 4096, 8192]);
    report.detection.crop.size = side;
  },
  (report, random) => {
    const layer = random.pick(report.layers);
    const channels = random.pick([1, 7, 65_536, 2 ** 30]);
    layer.shape = [1, channels, 1, 1];
    const one = { offset: 0, width: 1, height: 1 };
    layer.activation.map = one;
    layer.channelWeights = { ...one, width: channels };
    for (const heatmap of layer.heatmaps) heatmap.map = one;
  },
  (report, random) => {
    for (const { activation } of report.layers) activation.map.offset = 4 * random.below(2 ** 30);
  },
  (report, random) => {
    report.layers = report.layers.toReversed();
    for (const layer of report.layers) layer.name += random.pick(['', '\n', ' ', '\u0000']);
  },
  (report) => {
    const labels = Array.from({ length: 30_000 }, (_, i) => `class ${i}`);
    report.model.labels = labels;
    report.classifier.labels = labels;
    report.classifier.logits = labels.map(() => 0);
    report.classifier.probabilities = labels.map(() => 1 / 30_000);
  },
  (report, random) => {
    report.pipeline = random.pick(['fsbi', '../x', 'imagenet']);
    if (report.options) report.options.pipeline = report.pipeline;
  },
  (report, random) => {
    report.detection.detector = random.pick(['blazeface', 'box', 'none', 'retinaface-resnet50']);
    const { width, height } = report.input;
    report.detection.crop.box = [0, 0, 1 + random.below(width), 1 + random.below(height)];
  },
  (report, random) => {
    const layers = report.layers;
    while (layers.length < 400) layers.push({ ...random.pick(layers), name: `copy ${layers.length}` });
  },
];

/** As the schema has it, to be written to. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object | undefined ? Mutable<T[K]> : T[K] };

/** A change of the text. */
const texts: readonly ((text: string, random: Random) => string | Buffer)[] = [
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => {
    const at = random.below(text.length);
    return text.slice(0, at) + random.pick(['{', '[', '"', ',', '1e999', '\\', '\0', '}']) + text.slice(at);
  },
  (text, random) => {
    const bytes = Buffer.from(text);
    for (let i = random.pick([1, 5, 50]); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  (text) => text.replace('"warnings"', `"x": ${'['.repeat(100_000)}${']'.repeat(100_000)}, "warnings"`),
  (text) => text.replace(/"milliseconds": [\d.]+/g, '"milliseconds": 1e999'),
  (text, random) => `${' '.repeat(random.pick([1, 1_000_000]))}${text}`,
  (text) => `\ufeff${text}`,
  () => '',
];

/** Something else in the place of a file. */
const intruders: readonly ((path: string) => void)[] = [
  (path) => void spawnSync('mkfifo', [path]),
  (path) => symlinkSync('/dev/zero', path),
  (path) => symlinkSync('/etc/passwd', path),
  (path) => symlinkSync(path, path),
  (path) => mkdirSync(path),
  (path) => {
    writeFileSync(path, '');
    truncateSync(path, 2 ** 34);
  },
  () => undefined, // gone
];

/** @param folder a copy of a good report folder @returns what was done */
export function breakReport(folder: string, random: Random): string {
  const file = join(folder, 'report.json');
  const text = readFileSync(file, 'utf8');
  const kind = random.below(20);
  if (kind < 5) {
    const { layers, mapsFile } = JSON.parse(text) as Report;
    const name = random.pick(['report.json', mapsFile, mapsFile, random.pick(layers).activation.picture]);
    rmSync(join(folder, name));
    random.pick(intruders)(join(folder, name));
    return `${name.startsWith('steps') ? 'a picture' : name} in ${dirname(name) === '.' ? 'its folder' : 'steps'}`;
  }
  if (kind < 9) {
    writeFileSync(file, random.pick(texts)(text, random));
    return 'text';
  }
  const report = JSON.parse(text) as Json;
  if (kind < 14) {
    for (let i = random.pick([1, 1, 2]); i > 0; i--)
      random.pick(lies)(report as unknown as Mutable<Report>, random);
  } else for (let i = random.pick([1, 1, 2, 5]); i > 0; i--) random.pick(changes)(report, random);
  writeFileSync(file, JSON.stringify(report));
  return kind < 14 ? 'a lie' : 'values';
}
