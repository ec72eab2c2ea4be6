/** Another target through the built server: every number is that of an analysis of its own, whatever happens on the way. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { analyze, cancel, evaluate, partial, retarget, type FinishedReport } from '../../protocol/requests';
import { writeModel } from '../../server/src/onnx/write';
import { samplePath, testCache } from '../support/cli';
import { writeSet } from '../support/labelled-set';
import { filesBelow } from '../support/report';
import { SMALL_CLASSES, smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { startServer, type RunningServer } from './server';
import { failureOf, valueOf } from './watch';

process.env['INFERENCE_LENS_CACHE'] = testCache;

const place = temporaryFolder('switching');
const weights = join(place, 'small.onnx');
const output = join(place, 'reports');
const strokes = [
  {
    line: [
      [60, 80],
      [90, 95],
    ],
    radius: 9,
    fill: { blur: 4 },
  },
] as const;
const options = {
  weights,
  lens: 'imagenet',
  detector: 'none',
  device: 'cpu',
  output,
  pictures: 'later',
  strokes,
} as const;
const methods = ['gradcam', 'hirescam'] as const;
const targets = Array.from({ length: SMALL_CLASSES }, (_, index) => String(index));

let server: RunningServer;
/** Computes nothing ahead, by its setting, and has had its report before `server` has. */
let off: RunningServer;
/** Of each target, by a process that has computed nothing else of the picture. */
const whole: Readonly<Record<string, unknown>>[] = [];
let first: FinishedReport;

/** All that a report says and all of its files, except when and where it was made. */
function contentOf({ folder, report }: FinishedReport): Readonly<Record<string, unknown>> {
  const files = filesBelow(folder).filter((name) => !['report.json', 'process.log'].includes(name));
  return {
    ...{ ...report, processId: '', timestamp: '', timings: [] },
    files: files.map((name) => [name, readFileSync(join(folder, name), 'base64')]),
  };
}

let jobs = 0;
const analyzed = async (by: RunningServer, target: string): Promise<FinishedReport> => {
  const asked = { ...options, methods, target };
  return valueOf(await by.ask(analyze, { job: `job ${++jobs}`, image: samplePath, options: asked }));
};
const analyzedAs = async (by: RunningServer, asked: object): Promise<FinishedReport> =>
  valueOf(await by.ask(analyze, asked as never));
const switched = (target: string, job = `job ${++jobs}`, folder = first.folder) =>
  server.ask(retarget, { job, folder, target, methods, output, pictures: 'later' });

before(async () => {
  await writeModel(smallClassifier(), weights);
  for (const target of targets) {
    const first = target === '0';
    const fresh = await startServer(first ? { computeAhead: 'off' } : {});
    if (first) off = fresh;
    try {
      whole.push(contentOf(await analyzed(fresh, target)));
    } finally {
      if (!first) await fresh.stop();
    }
  }
  server = await startServer();
  first = await analyzed(server, '0');
});
after(() => Promise.all([server.stop(), off.stop()]));

const linesAhead = ({ log }: RunningServer): readonly string[] =>
  log.filter((line) => /Comput(ing|ed) ahead: /.test(line));

/** The next line of that kind, after as many as are given. */
async function aheadLine(which: 'Computing' | 'Computed', from = 0): Promise<string> {
  for (;;) {
    const line = linesAhead(server)
      .slice(from)
      .find((each) => each.includes(`${which} ahead: `));
    if (line !== undefined) return line;
    await new Promise((wait) => setTimeout(wait, 10));
  }
}

test(
  'the likely next target is computed while nothing is requested, and is that of an analysis of its own',
  { timeout: 60_000 },
  async () => {
    assert.deepEqual(contentOf(first), whole[0]);
    const said = await aheadLine('Computed');
    assert.deepEqual(linesAhead(off), []);
    const [, next = ''] = /Computed ahead: class (\d) of /.exec(said) ?? [];
    const logits = first.report.classifier.logits.map(Number);
    const others = logits.filter((_, index) => index !== 0);
    assert.equal(logits[Number(next)], Math.max(...others), said);
    const found = valueOf(await switched(next));
    assert.match(readFileSync(join(found.folder, 'process.log'), 'utf8'), /computed by an earlier analysis/);
    assert.deepEqual(contentOf(found), whole[Number(next)]);
  },
);

test(
  'a request that comes while a target is computed ahead waits for that run alone, and has its own numbers',
  { timeout: 60_000 },
  async () => {
    const image = join(place, 'next.png');
    cpSync(samplePath, image);
    const before = linesAhead(server).length;
    // Of other numbers than any before, so that they have to be computed.
    const asked = (target: string, [stroke] = strokes) => ({
      job: `job ${++jobs}`,
      image,
      options: { ...options, methods, target, strokes: [{ ...stroke, radius: 12 }] },
    });
    valueOf(await server.ask(analyze, asked('0')));
    await aheadLine('Computing', before);
    const answers = await Promise.all(['1', '2'].map((target) => server.ask(analyze, asked(target))));
    assert.equal(linesAhead(server).length, before + 2, linesAhead(server).join('\n'));
    for (const [index, answer] of answers.entries()) {
      const alone = await analyzedAs(off, asked(String(index + 1)));
      assert.deepEqual(contentOf(valueOf(answer)), contentOf(alone));
    }
  },
);

test('there and back: each is the report of an analysis of its own, with other heatmaps', async () => {
  assert.deepEqual(contentOf(first), whole[0]);
  for (const target of ['1', '0', '2', '1', '0'])
    assert.deepEqual(contentOf(valueOf(await switched(target))), whole[Number(target)], target);
  const of = (index: number) => JSON.stringify((whole[index] as { layers?: unknown }).layers);
  assert.notEqual(of(0), of(1));
});

test('a switch that another replaces leaves nothing behind, and the other has its own numbers', async () => {
  for (const [given, kept] of [
    ['1', '2'],
    ['2', '0'],
    ['0', '1'],
  ] as const) {
    const job = `replaced ${given}`;
    const replaced = switched(given, job);
    const [answer, , outcome] = await Promise.all([switched(kept), server.ask(cancel, { job }), replaced]);
    assert.deepEqual(contentOf(valueOf(answer)), whole[Number(kept)], kept);
    // It may have been faster; then it is whole.
    if (outcome.ok) assert.deepEqual(contentOf(outcome.value), whole[Number(given)], given);
    else assert.equal(outcome.failure.kind, 'cancelled');
  }
  assert.deepEqual(
    readdirSync(output).filter((name) => name.startsWith('.')),
    [],
  );
});

test('what is published of a switch says for which class it speaks', async () => {
  const job = 'published';
  const published: unknown[] = [];
  server.connection.onNotification(
    partial.method,
    (now: { job: string; report: FinishedReport['report'] }) => {
      if (now.job === job) published.push(...('target' in now.report ? [now.report.target.index] : []));
    },
  );
  valueOf(await switched('2', job));
  assert.deepEqual(published, [2]);
});

test('while a set is evaluated', async () => {
  const source = join(place, 'set');
  writeSet(source, 2);
  const asked = {
    job: 'set',
    source,
    output: join(place, 'evaluations'),
    options: { weights, lens: 'imagenet' },
  };
  const evaluated = server.ask(evaluate, asked);
  assert.deepEqual(contentOf(valueOf(await switched('1'))), whole[1]);
  valueOf(await evaluated);
});

test('of a report whose files were changed, or that goes meanwhile; one that is gone is named', async () => {
  const copy = join(place, 'copy', 'result');
  cpSync(first.folder, copy, { recursive: true });
  for (const name of filesBelow(copy))
    if (name !== 'report.json') writeFileSync(join(copy, name), 'other bytes');
  server.connection.onNotification(partial.method, () =>
    rmSync(dirname(copy), { recursive: true, force: true }),
  );
  assert.deepEqual(contentOf(valueOf(await switched('1', 'changed', copy))), whole[1]);
  const { kind, message } = failureOf(await switched('1', 'gone', copy));
  assert.equal(kind, 'usage');
  assert.ok(message.startsWith(join(copy, 'report.json')), message);
});
