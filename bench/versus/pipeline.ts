/** The whole report against the reference pipeline: warm, cold and in memory; without detection, and with RetinaFace on both sides. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAnalyze } from '../../server/src/cli/options';
import { projectRoot } from '../../server/src/system/paths';
import { startEngine, type WarmEngine } from '../engine';
import { measureProcess, measuredEnvironment } from '../processes';
import { busy } from '../script';
import { ratios, table } from '../table';
import { inTurn } from '../turns';
import type { Context } from './context';
import { BOX, cli, peerScript, withPeers } from './context';

/** The same work in the words of both programs. */
interface Task {
  readonly title: string;
  readonly image: string;
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

const THEIRS = 'PyTorch reference pipeline';
const OURS = 'Inference Lens';

/** The box is given to both. */
export function compareReports(context: Context): Promise<string> {
  return compareTask(context, {
    title: 'without detection: 640x640 image, the box is given',
    image: context.sample,
    theirs: ['--box', BOX, '--detector', 'none'],
    ours: ['--box', BOX],
  });
}

/** At the reference's size, without scaling; both crop the largest face that they find. */
export async function compareWithDetection(context: Context): Promise<string> {
  await importDetector(context);
  return compareTask(context, {
    title: 'with RetinaFace ResNet-50 at full size: 879x1047 image',
    image: context.photo,
    theirs: ['--box', 'detected', '--detector', 'retinaface'],
    ours: ['--detector', 'retinaface'],
  });
}

async function compareTask(context: Context, task: Task): Promise<string> {
  busy(`warm report ${task.title}`);
  const first = await warm(task, context);
  busy(`cold report ${task.title}`);
  const parts = [`### Report ${task.title}`, first];
  return (context.device === 'cpu' ? [...parts, await cold(task, context)] : parts).join('\n\n');
}

/** The weights of the Python side, which it writes when first asked, into the store of ours. */
async function importDetector({ python, cache }: Context): Promise<void> {
  const folder = join(projectRoot(), 'bench', 'peers');
  const make = 'import models; models.retinaface()';
  await promisify(execFile)(python, ['-W', 'ignore', '-c', make], { cwd: folder });
  const weights = join(folder, '.cache', 'retinaface-heads.pth');
  const args = [cli(), 'models', 'import', weights, '--as', 'retinaface'];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, INFERENCE_LENS_CACHE: cache } });
}

const theirArgs = ({ image, theirs }: Task): string[] => ['--image', image, ...theirs];

const ourArgs = ({ image, ours }: Task, { output, threads, device }: Context): string[] => [
  image,
  ...['--output', output, '--threads', String(threads), '--device', device, '--weights', 'demo', ...ours],
];

async function warm(task: Task, context: Context): Promise<string> {
  const engine = startEngine(context.cache);
  try {
    return await compareWarm(engine, task, context);
  } finally {
    await engine.stop();
  }
}

async function compareWarm(engine: WarmEngine, task: Task, context: Context): Promise<string> {
  const { options } = parseAnalyze(ourArgs(task, context));
  const detection: { theirs: number[]; ours: number[] } = { theirs: [], ours: [] };
  const faces = { theirs: [] as readonly unknown[], ours: [] as readonly (readonly number[])[] };
  const values = await withPeers(context, [['reference_pipeline', ...theirArgs(task)]], ([peer]) =>
    inTurn(
      [
        {
          name: THEIRS,
          run: async () => {
            const { total_ms, steps_ms, facts } = await peer!.run();
            detection.theirs.push(steps_ms['detect'] ?? NaN);
            faces.theirs = (facts['faces'] ?? []) as readonly unknown[];
            return total_ms;
          },
        },
        {
          name: OURS,
          run: async () => {
            const { report, milliseconds } = await engine.analyze(task.image, options);
            detection.ours.push(report.timings.find(({ step }) => step === 'detection')?.milliseconds ?? NaN);
            faces.ours = report.detection.faces.map(({ box }) => box);
            return milliseconds;
          },
        },
      ],
      context.repeats,
    ),
  );
  const parts = [compare('warm report', 'ms', values)];
  if (task.theirs.includes('retinaface')) {
    sameFaces(faces.theirs as readonly (readonly number[])[], faces.ours);
    parts.push(
      compare('of which detection', 'ms', [detection.theirs.slice(1), detection.ours.slice(1)]),
      `Both find the same ${faces.ours.length} boxes (the weights are seeded: they mean nothing), and crop the largest.`,
    );
  }
  return parts.join('\n\n');
}

/** Each from process start to process end, its models in its cache. */
async function cold(task: Task, context: Context): Promise<string> {
  const env = measuredEnvironment({ INFERENCE_LENS_CACHE: context.cache });
  const memory: [number[], number[]] = [[], []];
  const contestant = (name: string, at: 0 | 1, command: string, args: readonly string[]) => ({
    name,
    run: async (): Promise<number> => {
      const { milliseconds, peakMb } = await measureProcess(command, args, env);
      memory[at].push(peakMb);
      return milliseconds;
    },
  });
  const once = ['--repeats', '1', '--warmup', '0', '--threads', String(context.threads)];
  const repeats = Math.max(1, Math.ceil(context.repeats / 2));
  const values = await inTurn(
    [
      contestant(THEIRS, 0, context.python, [peerScript('reference_pipeline'), ...theirArgs(task), ...once]),
      contestant(OURS, 1, process.execPath, [cli(), 'analyze', '--quiet', ...ourArgs(task, context)]),
    ],
    repeats,
  );
  return [
    compare('cold report, process start to end', 'ms', values),
    compare(
      'peak memory of that process',
      'MB',
      memory.map((all) => all.slice(1)),
    ),
  ].join('\n\n');
}

function compare(
  what: string,
  unit: string,
  [theirs = [], ours = []]: readonly (readonly number[])[],
): string {
  const rows = [
    { name: THEIRS, values: theirs },
    { name: OURS, values: ours },
  ];
  return `${table(what, unit, rows, 0)}\n\nreference : ours, pair by pair: ${ratios(theirs, ours)}`;
}

/** Pixels by which boxes may differ: both round to hundredths. */
const CLOSE = 0.1;

/** @throws Error if the two sides did not do the same work */
function sameFaces(theirs: readonly (readonly number[])[], ours: readonly (readonly number[])[]): void {
  const unmatched = theirs.filter(
    (box) => !ours.some((other) => other.every((value, i) => Math.abs(value - (box[i] ?? NaN)) <= CLOSE)),
  );
  if (theirs.length === 0 || theirs.length !== ours.length || unmatched.length > 0)
    throw new Error(
      `The reference finds ${theirs.length} faces, ours ${ours.length}, and ${unmatched.length} of the former are missing: ` +
        'the two sides do not do the same work.',
    );
}
