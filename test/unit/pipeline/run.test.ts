/** Several analyses at once through one workbench: the numbers of one by one, turns kept, failures and stops on their own. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AnalysisOptions, Progress } from '../../../protocol/analysis';
import type { FinishedReport } from '../../../protocol/requests';
import { parseAnalyze } from '../../../server/src/cli/options';
import type { Detector } from '../../../server/src/detection/detector';
import { asLensError } from '../../../server/src/errors';
import { writeModel } from '../../../server/src/onnx/write';
import { analyze } from '../../../server/src/pipeline/run';
import type { Classifier } from '../../../server/src/pipeline/workbench/workbench';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { projectRoot } from '../../../server/src/system/paths';
import { filesBelow } from '../../support/report';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('at-once');
const fixtures = join(projectRoot(), 'test', 'fixtures', 'images');
const portrait = join(projectRoot(), 'samples', 'portrait.png');
const bench = new Workbench(join(folder, 'cache'));
after(() => bench.dispose());

const model = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), model));

const optionsFor = (output: string, ...more: readonly string[]): AnalysisOptions =>
  parseAnalyze([
    'x.png',
    ...['--pipeline', 'imagenet', '--weights', model, '--device', 'cpu', '--output', join(folder, output)],
    ...more,
  ]).options;

const bad = join(folder, 'bad.png');
writeFileSync(bad, 'no picture');
const images = [
  portrait,
  join(fixtures, 'rgb-444.jpg'),
  bad,
  join(fixtures, 'grey-16bit.png'),
  join(folder, 'missing.png'),
  join(fixtures, 'palette.png'),
  join(fixtures, 'lossy.webp'),
  portrait,
];

type Outcome = FinishedReport | { readonly failed: string };

const attempt = (image: string, options: AnalysisOptions): Promise<Outcome> =>
  analyze(image, options, bench).catch((thrown: unknown) => ({ failed: asLensError(thrown).message }));

/** Everything but what names the run or says how long it took. */
function numbersOf(outcome: Outcome): unknown {
  if ('failed' in outcome) return outcome;
  const { processId, timestamp, timings, ...rest } = outcome.report;
  assert.ok(outcome.folder.includes(processId) && timestamp.length > 0);
  return { ...rest, steps: timings.map(({ step }) => step) };
}

/** Every picture and data file, byte for byte; the three texts carry names and times. */
const bytesOf = ({ folder: place }: FinishedReport): readonly (readonly [string, string])[] =>
  filesBelow(place)
    .filter((name) => !['report.json', 'report.md', 'process.log'].includes(name))
    .map((name) => [name, readFileSync(join(place, name), 'base64')]);

describe('eight images at once, two of them bad', () => {
  for (const [name, more] of [
    ['the whole picture', []],
    ['a face by BlazeFace, or none', ['--detector', 'blazeface']],
    ['every method', ['--method', 'all']],
  ] as const) {
    test(`the numbers and pictures of one by one: ${name}`, async () => {
      const single: Outcome[] = [];
      for (const image of images) single.push(await attempt(image, optionsFor(`single ${name}`, ...more)));
      const several = await Promise.all(
        images.map((image) => attempt(image, optionsFor(`several ${name}`, ...more))),
      );
      assert.deepEqual(several.map(numbersOf), single.map(numbersOf));
      assert.ok(several.some((outcome) => 'failed' in outcome));
      assert.ok(several.filter((outcome) => 'report' in outcome).length >= 2);
      for (const [i, outcome] of several.entries()) {
        const other = single[i];
        if ('report' in outcome && other !== undefined && 'report' in other)
          assert.deepEqual(bytesOf(outcome), bytesOf(other));
      }
      const left = readdirSync(join(folder, `several ${name}`));
      assert.equal(left.length, several.filter((outcome) => 'report' in outcome).length);
    });
  }
});

test('demo weights are prepared the first time only, and the step takes the time of it', async () => {
  const own = new Workbench(join(folder, 'demo-cache'));
  const options = parseAnalyze([
    'x.png',
    '--device',
    'cpu',
    '--weights',
    'demo',
    '--output',
    join(folder, 'demo'),
  ]);
  const wanted = { ...options.options, pipeline: 'imagenet', architecture: 'torchvision/resnet18' };
  const messagesOf = async (): Promise<readonly string[]> => {
    const messages: string[] = [];
    const progress = ({ step, message }: Progress) => step === 'model' && messages.push(message);
    const { folder: place, report } = await analyze(portrait, wanted, own, { progress });
    assert.ok((report.timings.find(({ step }) => step === 'model')?.milliseconds ?? 0) > 0);
    const log = readFileSync(join(place, 'process.log'), 'utf8');
    assert.match(log, /INFO model: loading demo\n/);
    assert.equal(log.includes('INFO Preparing demo weights'), messages.length > 1);
    return messages;
  };
  const what = 'Preparing demo weights (first time only)';
  try {
    assert.deepEqual(await messagesOf(), [what, `${what}: gradients`, `${what}: optimizing`]);
    assert.deepEqual(await messagesOf(), ['loading demo']);
  } finally {
    await own.dispose();
  }
});

/** How many were inside at once, at most. */
class Crowd {
  most = 0;
  private inside = 0;

  async with<T>(work: () => Promise<T>): Promise<T> {
    this.inside += 1;
    this.most = Math.max(this.most, this.inside);
    try {
      return await work();
    } finally {
      this.inside -= 1;
    }
  }
}

/** The workbench, watched. */
class WatchedWorkbench extends Workbench {
  readonly crowds = { load: new Crowd(), detect: new Crowd(), explain: new Crowd() };

  override async classifier(...given: Parameters<Workbench['classifier']>): Promise<Classifier> {
    const classifier = await this.crowds.load.with(() => super.classifier(...given));
    const explain: Classifier['explain'] = (...asked) =>
      this.crowds.explain.with(() => classifier.explain(...asked));
    return { ...classifier, explain };
  }

  override async detector(...given: Parameters<Workbench['detector']>): Promise<Detector> {
    const detector = await super.detector(...given);
    const detect: Detector['detect'] = (...asked) => this.crowds.detect.with(() => detector.detect(...asked));
    return { ...detector, detect };
  }
}

test('one at a time detects, loads, runs the network; whoever reads may do so meanwhile', async () => {
  const watched = new WatchedWorkbench(join(folder, 'cache'));
  try {
    const begun: string[] = [];
    const runs = Array.from({ length: 4 }, (_, image) =>
      analyze(portrait, optionsFor('turns', '--detector', 'blazeface'), watched, {
        progress: ({ step, message }) => begun.push(`${step} ${image} ${message}`),
      }),
    );
    await Promise.all(runs);
    const { load, detect, explain } = watched.crowds;
    assert.deepEqual([load.most, detect.most, explain.most], [1, 1, 1]);
    const steps = begun.map((line) => line.split(' ')[0]);
    assert.ok(steps.lastIndexOf('input') < steps.indexOf('explain'), 'all were read before the first ran');
  } finally {
    await watched.dispose();
  }
});

test('networks that displace each other wait until nobody needs them', async () => {
  const other = join(folder, 'other.onnx');
  await writeModel(smallClassifier({ spoil: 3 }), other);
  const choices = Array.from({ length: 8 }, (_, i) =>
    optionsFor('displaced', '--weights', [model, other][i % 2]!),
  );
  const single: Outcome[] = [];
  for (const options of choices.slice(0, 2)) single.push(await attempt(portrait, options));
  const several = await Promise.all(choices.map((options) => attempt(portrait, options)));
  assert.deepEqual(
    several.map(numbersOf),
    choices.map((_, i) => numbersOf(single[i % 2]!)),
  );
  assert.ok(several.every((outcome) => 'report' in outcome));
});

test('a stop while the others work: they finish, it leaves nothing', async () => {
  const output = optionsFor('stopped').output;
  const copies = ['a', 'b', 'c'].map((name) => {
    const path = join(folder, `${name}.png`);
    copyFileSync(portrait, path);
    return path;
  });
  const controller = new AbortController();
  const runs = copies.map((path, i) =>
    analyze(path, optionsFor('stopped'), bench, i === 1 ? { signal: controller.signal } : {}),
  );
  controller.abort();
  const outcomes = await Promise.allSettled(runs);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(
    readdirSync(output).map((name) => name.split('_')[2]),
    ['a', 'c'],
  );
});
