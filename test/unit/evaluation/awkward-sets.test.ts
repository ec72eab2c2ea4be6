/** What sets, labels and networks are like in practice: nothing of it is left out, or counted as right, silently. */
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Expect } from '../../../protocol/expect';
import { evaluationText } from '../../../server/src/cli/evaluation-shown';
import { expectationsOf } from '../../../server/src/evaluation/checks/expectations';
import { listCheck } from '../../../server/src/evaluation/checks/list';
import { judgeOf } from '../../../server/src/evaluation/checks/judge';
import { junit } from '../../../server/src/evaluation/checks/reports';
import { difference } from '../../../server/src/evaluation/head';
import { matchLabels } from '../../../server/src/evaluation/labels/match';
import { readSet } from '../../../server/src/evaluation/labels/read-set';
import { rowFor, type Looking } from '../../../server/src/evaluation/look';
import type { Subject } from '../../../server/src/evaluation/subject';
import { decodeImage } from '../../../server/src/imaging/decode';
import type { Row, TableHead } from '../../../server/src/evaluation/row';
import { failedRow, rowOf, type Seen } from '../../../server/src/evaluation/verdict';
import { picture, put } from '../../support/labelled-set';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('awkward-sets');

test('a class behind a link to a folder is not left out silently, and a link to a picture is one', async () => {
  put(join(folder, 'set', 'red', 'a.ppm'), picture(0, 0));
  put(join(folder, 'elsewhere', 'b.ppm'), picture(1, 1));
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'set', 'green'));
  symlinkSync('..', join(folder, 'set', 'red', 'up')); // round and round
  symlinkSync('a.ppm', join(folder, 'set', 'red', 'same.ppm'));
  const source = join(folder, 'set');
  const { entries, note } = await readSet({
    ...{ source, labels: null, pathColumn: null, labelColumn: null, root: null },
  });
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['red/a.ppm', 'red/same.ppm'],
  );
  assert.match(note ?? '', /^Links to folders are not followed: green, red\/up\./);
});

test(
  'a file whose name is not UTF-8 is said to be one, not to be missing',
  { skip: process.platform !== 'linux' && 'names are UTF-16' },
  async () => {
    const source = join(folder, 'names');
    put(join(source, 'a.ppm'), picture(0, 0));
    writeFileSync(
      Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0xff, 0xfe]), Buffer.from('.ppm')]),
      'x',
    );
    const { entries } = await readSet({
      ...{ source, labels: 'none', pathColumn: null, labelColumn: null, root: null },
    });
    const [, strange] = entries;
    assert.ok(strange !== undefined);
    const look: Subject['look'] = ({ file, ...below }) => decodeImage(file, below) as Promise<never>;
    const subject = { network: { classifier: {} }, look };
    const looking = { root: source, subject, head: {}, attentionMask: null };
    const start = { index: 1, path: strange.path, label: null, labelIndex: null };
    const { error } = await rowFor(start, strange, looking as unknown as Looking);
    assert.match(
      error ?? '',
      /^\ufffd\ufffd\.ppm: expected a file name in UTF-8, found one in another encoding/,
    );
  },
);

test('labels are class indices where nothing else fits, also as tables with gaps write them', () => {
  const of = (label: string, classes: readonly string[]) => matchLabels([label], classes).indices.get(label);
  const classes = ['red', 'green', 'blue'];
  assert.deepEqual(
    ['1', '1.0', 'index:2', '3', '3.0', '1.5', '-1', '1e0', ' 1'].map((label) => of(label, classes)),
    [1, 1, 2, -1, -1, -1, -1, -1, -1],
  );
  assert.equal(of('1.0', ['2.0', '1.0']), 1, 'a class of that name comes first');
  assert.equal(of('1', ['3', '2', '1']), 2);
});

test('a network that gives no verdict is neither right nor wrong in the table, and not right in a check', () => {
  const start = { index: 0, path: 'a.png', label: 'red', labelIndex: 0 };
  const activation = { kind: 'softmax', probabilities: null, multiLabel: false } as const;
  const seen = (logits: readonly number[]): Seen =>
    ({
      ...{ decoded: { sha256: '', width: 4, height: 4, dhash: '' }, nonFinite: new Map(), face: null },
      ...{
        mask: null,
        warnings: [],
        sample: { logits: Float32Array.from(logits), layers: [], probabilities: null, predicted: 0 },
      },
      place: {
        ...{ crop: [0, 0, 4, 4], width: 4, height: 4 },
        placement: { x: { to: 4, from: 4, offset: 0 }, y: { to: 4, from: 4, offset: 0 } },
      },
    }) as unknown as Seen;
  const asked = { about: { activation }, classes: ['red', 'blue'], threshold: null, attentionBox: null };
  const row = (logits: readonly number[]): Row =>
    rowOf(start, seen(logits), asked as unknown as Parameters<typeof rowOf>[2]);
  const [good, none] = [row([2, 1]), row([NaN, 1])];
  assert.deepEqual([good.correct, none.correct, none.predicted], [true, null, null]);
  const head = { classes: ['red', 'blue'], layers: [] } as unknown as TableHead;
  const judged = (expect: Expect, rows: readonly Row[]) => {
    const [, expectation] = expectationsOf(expect);
    assert.ok(expectation !== undefined && expectation.is !== 'baseline');
    const judge = judgeOf(expectation, head, 'a.check.json:1:1');
    for (const each of rows) judge.see(each);
    const { passed, found } = judge.outcome();
    return [passed, found];
  };
  const accuracy = { accuracy: { least: 0.9 } };
  assert.deepEqual(judged(accuracy, [good, none]), [false, '0.5 (1 of 2)']);
  assert.deepEqual(judged(accuracy, [good, failedRow(start, 'damaged')]), [true, '1 (1 of 1)']);
  assert.deepEqual(judged({ confidence: { least: 0 } }, [none]), [false, '1 of 1 pictures that fail']);
  assert.deepEqual(judged({ healthy: ['all'] }, [good, none]), [
    false,
    '1 of 2 pictures that fail (no verdict)',
  ]);
  assert.deepEqual(judged({ verdict: 'red' }, [good, none]), [false, '1 of 2 pictures that fail']);
});

test('what differs between two sets is said in words', () => {
  const head = (count: number, sha256: string) => ({ set: { count, sha256 } }) as unknown as TableHead;
  assert.equal(difference(head(3, 'a'), head(3, 'b')), 'pictures or labels (both have 3)');
  assert.equal(difference(head(3, 'a'), head(4, 'b')), 'pictures (3 and 4)');
  assert.equal(difference(head(3, 'a'), head(3, 'a')), null);
  const of = (beside?: readonly string[]) =>
    ({
      model: { name: 'a.onnx', sha256: 'a', architecture: 'onnx', ...(beside && { beside }) },
    }) as unknown as TableHead;
  assert.equal(difference(of(['b']), of(['b'])), null);
  const words = 'weights (other files beside a.onnx that hold them)';
  assert.deepEqual([difference(of(['b']), of(['c'])), difference(of(), of(['c']))], [words, words]);
  const other = { ...of(), threshold: 0.5 };
  assert.equal(
    difference(of(), other),
    'threshold (none and 0.5)',
    'what only the second one says differs too',
  );
});

test('bounds that everything or nothing is within are mistakes in a test file and in a lens', () => {
  const text = (expect: object): string => JSON.stringify({ expect });
  const problems = (expect: object, file: string) =>
    listCheck(text(expect), join(folder, file)).problems.map(({ column, message }) => [column, message]);
  for (const file of ['a.check.json', 'a.lens.json']) {
    assert.deepEqual(problems({ accuracy: { least: 0.5, most: 0.5 } }, file), []);
    assert.deepEqual(problems({ accuracy: { least: 0.9, most: 0.1 } }, file), [
      [23, 'expect.accuracy: expected "least" to be no more than "most", found 0.9 and 0.1.'],
    ]);
    const attention = [
      { layer: 'a', in: 'border', most: 1 },
      { layer: 'b', in: 'border' },
    ];
    assert.deepEqual(
      problems({ attention, probability: { of: 'cat' } }, file).map(([, message]) => message),
      [
        'expect.probability: expected "least", "most" or both, found neither.',
        'expect.attention[1]: expected "least", "most" or both, found neither.',
      ],
    );
  }
});

test('a name with line breaks makes no lines of its own on the terminal', () => {
  const layers = [{ name: 'conv\n60 pictures', border: 0.5, box: null, mask: null, blank: 0 }];
  const summary = {
    ...{ rows: { all: 1, failed: 0, undecided: 0 }, metrics: null, unmeasured: 'none', order: null },
    ...{ suspects: null, layers },
  } as unknown as Parameters<typeof evaluationText>[1];
  assert.deepEqual(evaluationText('/o\u001b[2J', summary, false).trimEnd().split('\n'), [
    '1 pictures, 0 could not be evaluated',
    'no metrics: none',
    'conv\\x0a60 pictures: 50.0% of the heatmap in the border',
    '/o\\x1b[2J',
  ]);
});

test('names of any script stand in reports as they are, and what XML cannot hold is replaced', () => {
  const outcome = { id: 'verdict', name: 'verdict', passed: false, expected: 'x', found: 'y', at: 'a:1:1' };
  const pictures = ['😀/日本.png', '<b>&"\u0001\ud83d.png'];
  const message = 'expected "😀", found <b>.';
  const xml = junit(
    [{ file: join(folder, '😀.check.json'), outcomes: [{ ...outcome, message, pictures }] }],
    folder,
  );
  const twice = junit(
    [
      {
        file: join(folder, 'a.check.json'),
        outcomes: ['attention/0', 'attention/1'].map((id) => ({ ...outcome, id, message, pictures: [] })),
      },
    ],
    folder,
  );
  assert.deepEqual(
    [...twice.matchAll(/<testcase .* name="(.*?)"/g)].map(([, name]) => name),
    ['verdict', 'verdict (attention/1)'],
    'GitLab ignores the second of two tests of one name',
  );
  assert.match(xml, /<testsuite name="😀\.check\.json" tests="1" failures="1" errors="0">/);
  assert.match(xml, /<failure type="expectation" message="expected &quot;😀&quot;, found &lt;b&gt;\.">/);
  assert.match(xml, /^😀\/日本\.png$/m);
  assert.match(xml, /^&lt;b&gt;&amp;&quot;\ufffd\ufffd\.png</m);
});
