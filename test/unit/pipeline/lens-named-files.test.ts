/** One decision about the files that a lens names: the editor says of it what an analysis does, for every kind of path and trust. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LensError } from '../../../server/src/errors';
import { linksOf } from '../../../server/src/language/lens/links';
import { TextDocument } from '../../../server/src/language/text-document';
import { problemsOfNamedFiles } from '../../../server/src/lens/named-files';
import { readLens } from '../../../server/src/lens/lens-file';
import { encodeModel } from '../../../server/src/onnx/write';
import { chooseLens } from '../../../server/src/pipeline/choose-lens';
import { NOTHING_ASKED } from '../../../server/src/pipeline/inspect-lens';
import { checkLens } from '../../../server/src/pipeline/lens-check/check';
import { InspectedNetworks } from '../../../server/src/pipeline/lens-check/networks';
import { ModelStore } from '../../../server/src/store/store';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const outside = temporaryFolder('named-outside');
const folder = join(temporaryFolder('named-files'), 'in');
mkdirSync(folder);
const store = new ModelStore(join(outside, 'store'));
const networks = new InspectedNetworks();

for (const place of [outside, folder, join(folder, '..')]) {
  writeFileSync(join(place, 'names.txt'), 'a\nb\nc\n');
  writeFileSync(join(place, 'net.onnx'), encodeModel(smallClassifier()));
}
for (const [link, name] of [
  ['link.txt', 'names.txt'],
  ['link.onnx', 'net.onnx'],
] as const)
  symlinkSync(join(outside, name), join(folder, link));
writeFileSync(join(folder, 'large.txt'), 'x\n'.repeat(600_000));
const hasPipes = process.platform !== 'win32';
if (hasPipes) for (const name of ['pipe.txt', 'pipe.onnx']) execFileSync('mkfifo', [join(folder, name)]);

/** For labels and for a model; `refused` where it is not trusted, `always` where it is refused even then. */
const PATHS: readonly (readonly [
  what: string,
  labels: string,
  model: string | null,
  is: 'read' | 'refused' | 'always',
])[] = [
  ['inside', 'names.txt', 'net.onnx', 'read'],
  ['outside', '../names.txt', '../net.onnx', 'refused'],
  ['a link out', 'link.txt', 'link.onnx', 'refused'],
  ['absolute', join(outside, 'names.txt'), join(outside, 'net.onnx'), 'refused'],
  ['\\', 'in\\names.txt', 'in\\net.onnx', 'always'],
  ['a drive letter', 'C:/names.txt', 'C:/net.onnx', 'always'],
  ['too large', 'large.txt', null, 'always'],
  ...(hasPipes ? [['not a regular file', 'pipe.txt', 'pipe.onnx', 'always'] as const] : []),
];

/** What an analysis that was asked to obey the lens says, after the place in the lens; null where it reads the file. */
async function ofAnalysis(lens: string, key: string, trusted: boolean): Promise<string | null> {
  const weights = key === 'labels' ? join(outside, 'net.onnx') : null;
  const asked = { ...NOTHING_ASKED, lens, weights };
  try {
    const chosen = await chooseLens(asked, store, (look) => look(), { trusted });
    await chosen.weights.load({ inputSize: null, outputName: null });
    return null;
  } catch (thrown) {
    assert.ok(thrown instanceof LensError && thrown.kind !== 'internal', String(thrown));
    return thrown.message.replace(/^.*?\.lens\.json:\d+:\d+: /, '');
  }
}

/** What Problems of the editor say; of a trusted lens with the network, as `lens check` does. */
async function ofEditor(path: string, trusted: boolean): Promise<string | null> {
  const problems = trusted
    ? (await checkLens({ path, text: null }, { store, networks, trusted })).problems
    : await problemsOfNamedFiles(await readLens(path), { trusted });
  const errors = problems.filter(({ severity }) => severity === 'error');
  assert.ok(errors.length <= 1, JSON.stringify(errors));
  return errors[0]?.message ?? null;
}

for (const [what, labels, model, is] of PATHS)
  for (const [key, text] of [
    ['labels', labels],
    ['model', model],
  ] as const) {
    if (text === null) continue;
    describe(`"${key}": ${what}`, () => {
      const path = join(folder, `${key}.lens.json`);
      const written = JSON.stringify({ [key]: text });
      for (const trusted of [false, true])
        test(trusted ? 'from the command line, or in a trusted workspace' : 'not trusted', async () => {
          writeFileSync(path, written);
          const analysis = await ofAnalysis(path, key, trusted);
          const isRead = is === 'read' || (is === 'refused' && trusted);
          assert.equal(analysis === null, isRead, analysis ?? 'it is read');
          // Without trust the network itself is not looked at before it is used.
          const isFault = trusted || /^(labels|model): /.test(analysis ?? '');
          assert.equal(await ofEditor(path, trusted), isFault ? analysis : null);
          const document = new TextDocument(pathToFileURL(path).href, 'json', 1, written);
          const isLinked = (await linksOf(document, path, trusted)).length === 1;
          assert.equal(isLinked, isRead || what === 'too large');
        });
    });
  }

test('weights that a link replaces before they are loaded', async () => {
  const [path, net] = [join(folder, 'moving.lens.json'), join(folder, 'moving.onnx')];
  writeFileSync(path, '{ "model": "moving.onnx" }');
  writeFileSync(net, encodeModel(smallClassifier()));
  const asked = { ...NOTHING_ASKED, lens: path };
  const { weights } = await chooseLens(asked, store, (look) => look(), { trusted: false });
  rmSync(net);
  symlinkSync(join(outside, 'net.onnx'), net);
  await assert.rejects(
    weights.load({ inputSize: null, outputName: null }),
    /a link that leads out of its folder/,
  );
});

test('a lens beside its model names nothing outside of its folder, which its check says', async () => {
  const path = join(folder, 'net.lens.json');
  writeFileSync(path, JSON.stringify({ labels: '../names.txt' }));
  const beside = { ...NOTHING_ASKED, weights: join(folder, 'net.onnx') };
  const analysis = chooseLens(beside, store, (look) => look(), { trusted: true });
  await assert.rejects(analysis, (error: LensError) => {
    assert.match(error.message, /labels: expected a path below the lens's own folder/);
    return true;
  });
  const { problems } = await checkLens({ path, text: null }, { store, networks, trusted: true });
  assert.deepEqual(
    problems.map(({ severity, message }) => [severity, message]),
    [
      [
        'warning',
        'An analysis of net.onnx that finds this lens beside it refuses it: labels: expected a path below the lens\'s own folder, found "../names.txt".',
      ],
    ],
  );
});
