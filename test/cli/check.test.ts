/** `inference-lens check` as built: what passes, what fails and where, in words, JUnit and SARIF. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { runChecks } from '../../server/src/cli/check';
import { root } from '../support/cli';
import { residentCli } from '../support/resident-cli';
import { put, writeSet, writeSetModel } from '../support/labelled-set';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('check');
const file = join(folder, 'small.check.json');
before(async () => {
  writeSet(join(folder, 'set'), 3);
  writeSetModel(folder);
  const evaluated = await residentCli([
    'evaluate',
    join(folder, 'set'),
    '--weights',
    join(folder, 'small.onnx'),
    '-o',
    join(folder, 'o'),
  ]);
  assert.equal(evaluated.code, 0, evaluated.stderr);
  cpSync(join(folder, 'o', 'evaluation', 'rows.jsonl'), join(folder, 'baseline.jsonl'));
});

const check = (expect: object, more: object = {}, ...args: readonly string[]) => {
  put(
    file,
    `{\n  // a comment\n  "set": "set", "weights": "small.onnx",\n  "expect":\n  ${JSON.stringify(expect)}\n}`.replace(
      '"expect"',
      `${JSON.stringify(more).slice(1, -1)}${Object.keys(more).length > 0 ? ',' : ''}"expect"`,
    ),
  );
  return residentCli(['check', file, '--device', 'cpu', ...args], { cwd: folder });
};

const summary = () =>
  JSON.parse(readFileSync(join(folder, 'o', 'evaluation', 'summary.json'), 'utf8')) as {
    readonly metrics: { readonly accuracy: number };
  };

describe('a test file', () => {
  test('passes where everything holds', async () => {
    const { accuracy } = summary().metrics;
    const { code, stdout, stderr } = await check({
      accuracy: { least: accuracy, most: accuracy },
      confidence: { least: 0.2 },
      healthy: ['conv*'],
      attention: [
        { layer: 'conv2', in: 'border', least: 0, most: 1 },
        { layer: 'conv2', in: 'box', box: [0, 0, 1, 1], least: 0.99, over: 'mean' },
      ],
      baseline: { rows: 'baseline.jsonl', tolerance: 1e-6 },
    });
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stdout.match(/^passed /gm)?.length, 7);
  });

  test('measures heatmaps in masks as it measures them in a box', async () => {
    const side = 24;
    const left = Buffer.from(Array.from({ length: side * side }, (_, i) => (i % side < side / 2 ? 255 : 0)));
    for (const label of ['red', 'green', 'blue'])
      for (const name of ['0000', '0001', '0002'])
        put(
          join(folder, 'masks', label, `${name}.pgm`),
          Buffer.concat([Buffer.from('P5 24 24 255\n'), left]),
        );
    const place = { layer: 'conv2', most: 0 };
    const attention = [
      { ...place, in: 'mask' },
      { ...place, in: 'box', box: [0, 0, 0.5, 1] },
    ];
    const { code, stdout } = await check({ attention, masks: 'masks' });
    assert.equal(code, 7);
    const [, inMask, inBox] =
      /in the mask of conv2: expected at most 0, found (0\.\d+)[\s\S]*in the box of conv2: expected at most 0, found (0\.\d+)/.exec(
        stdout,
      ) ?? [];
    assert.ok(inMask !== undefined && inMask === inBox, stdout);
    const without = await check({ attention: [{ ...place, in: 'mask' }] });
    assert.equal(without.code, 2);
    assert.match(
      without.stderr,
      /small\.check\.json:5:\d+: expected "masks", a folder with a mask for each picture/,
    );
    const missing = await check({ attention: [{ ...place, in: 'mask' }] }, {}, '--attention-mask', 'no-such');
    assert.match(missing.stderr, /no-such: expected a folder of masks, found none/);
  });

  test('takes nothing that is about one picture, or that it would pass over', async () => {
    const refused = async (what: RegExp, ...args: readonly string[]): Promise<void> => {
      await assert.rejects(runChecks(['small.check.json', ...args], new AbortController().signal), what);
    };
    await refused(/A box is the face in one picture, and cannot apply to a set/, '--box', '0,0,9,9');
    await refused(/--layers does not apply to check/, '--layers', 'last');
  });

  test('fails with 7 and says what, where, and for which pictures, also as JUnit and SARIF', async () => {
    put(join(folder, 'set', 'red', 'broken.png'), 'x');
    const [junit, sarif] = [join(folder, 'o.xml'), join(folder, 'o.sarif')];
    const { code, stdout } = await check(
      {
        verdict: 'Red',
        accuracy: { least: 1 },
        attention: [{ layer: 'conv2', in: 'border', most: 0.001 }],
        baseline: { rows: 'baseline.jsonl' },
      },
      {},
      ...['--junit', junit, '--sarif', sarif],
    );
    assert.equal(code, 7, stdout);
    assert.match(
      stdout,
      /FAILED {2}pictures that could not be evaluated: expected at most 0, found 1 of 10[^\n]*small\.check\.json:5:3\n {10}red\/broken\.png/,
    );
    assert.match(
      stdout,
      /FAILED {2}attention in the border of conv2: expected at most 0\.001, found 0\.\d+, the mean of/,
    );
    assert.match(stdout, /FAILED {2}accuracy: expected at least 1, found 0\.\d+ \(\d of \d\)/);
    const xml = readFileSync(junit, 'utf8');
    assert.match(xml, /<testsuite name="small\.check\.json" tests="5" failures="[345]" errors="0">/);
    assert.equal(xml.match(/<testcase /g)?.length, 5);
    const { version, runs } = JSON.parse(readFileSync(sarif, 'utf8')) as {
      version: string;
      runs: {
        results: {
          ruleId: string;
          locations: {
            physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } };
          }[];
        }[];
      }[];
    };
    assert.equal(version, '2.1.0');
    const accuracy = runs[0]!.results.find(({ ruleId }) => ruleId === 'accuracy')!;
    assert.equal(accuracy.locations[0]!.physicalLocation.artifactLocation.uri, 'small.check.json');
    assert.equal(accuracy.locations[0]!.physicalLocation.region.startLine, 5);
  });

  test('with a mistake in it is an error with its place, and no failed check', async () => {
    const typo = await check({ acuracy: { least: 1 } });
    assert.equal(typo.code, 2);
    assert.match(typo.stderr, /small\.check\.json:5:\d+: .*Did you mean "accuracy"/);
    assert.equal((await check({ verdict: 'violet' })).code, 2);
    assert.equal((await check({ attention: [{ layer: 'conv9', in: 'border', most: 1 }] })).code, 2);
    const outside = await check({ verdict: 'red' }, { lens: '../x.lens.json' });
    assert.match(outside.stderr, /small\.check\.json:\d+:\d+: expected a path with \/ below/);
  });
});

test('a lens that says what is expected is held to it over a set', async () => {
  const lens = JSON.parse(readFileSync(join(folder, 'small.lens.json'), 'utf8')) as object;
  const path = join(folder, 'expecting.lens.json');
  put(
    path,
    JSON.stringify(
      { ...lens, model: 'small.onnx', expect: { confidence: { least: 0.99 }, failed: { most: 1 } } },
      null,
      2,
    ),
  );
  const { code, stdout, stderr } = await residentCli(['check', path, '--set', join(folder, 'set')]);
  assert.equal(code, 7, stderr);
  assert.match(
    stdout,
    /passed {2}pictures that could not[\s\S]*FAILED {2}confidence of the verdict: expected at least 0\.99 everywhere/,
  );
  const without = await residentCli(['check', path]);
  assert.equal(without.code, 2);
});

test('the commands of docs/ci.md run as they stand, and its test file is one', async () => {
  const text = readFileSync(join(root, 'docs', 'ci.md'), 'utf8');
  const commands = [...text.matchAll(/npx inference-lens (check [^\n]*)/g)].map(([, command = '']) =>
    command.split(' '),
  );
  assert.equal(commands.length, 3, 'GitHub, GitLab and pre-commit');
  const [, json = ''] = /check\.json`:\n\n((?: {4}.*\n)+)/.exec(text) ?? [];
  const place = join(folder, 'ci', 'models');
  cpSync(join(folder, 'set'), join(place, 'photos'), {
    recursive: true,
    filter: (path) => !path.endsWith('broken.png'),
  });
  cpSync(join(folder, 'small.onnx'), join(place, 'best.onnx'));
  cpSync(join(folder, 'small.lens.json'), join(place, 'best.lens.json'));
  cpSync(join(folder, 'baseline.jsonl'), join(place, 'baseline', 'rows.jsonl'));
  put(
    join(place, 'watermark.check.json'),
    json.replace('"features.3"', '"conv2"').replace('features.*', 'conv*'),
  );
  for (const command of commands) {
    const { code, stdout, stderr } = await residentCli(command, { cwd: join(folder, 'ci') });
    assert.equal(code, 7, stdout + stderr); // this network is untrained: its accuracy cannot hold
    assert.match(stdout, /FAILED {2}accuracy[\s\S]*passed {2}baseline/);
  }
  assert.ok(existsSync(join(folder, 'ci', 'junit.xml')) && existsSync(join(folder, 'ci', 'check.sarif')));
});
