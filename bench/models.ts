/**
 * `npm run bench models [-- --python .venv/bin/python] [--against ../other] [--only resnet50,vit_b_16] [--repeats 10]`: seven ImageNet
 * classifiers as torch exports them, at 224, with the layers that a report shows by itself. `--against` names another built checkout,
 * whose first preparation is measured in turn with ours.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { projectRoot } from '../server/src/system/paths';
import { preparation, type Preparation } from './models/prepare';
import type { Order, Row } from './models/row';
import { inFreshProcess } from './processes';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, median, spread } from './table';

const { values } = parseArgs({
  options: {
    ...effortOptions,
    python: { type: 'string', default: '.venv/bin/python' },
    against: { type: 'string' },
    only: { type: 'string' },
    threads: { type: 'string' },
  },
});

const script = join(projectRoot(), 'bench', 'peers', 'classifiers.py');
const models = join(projectRoot(), 'bench', 'peers', '.cache', 'models');

async function measure(): Promise<string> {
  const { repeats } = effortOf(values, 10);
  busy('exporting what is missing');
  await promisify(execFile)(values.python, [script, '--export', models]);
  const files = (await readdir(models)).filter((file) => file.endsWith('.onnx')).sort();
  const wanted = values.only?.split(',');
  const names = files.map((file) => basename(file, '.onnx')).filter((name) => wanted?.includes(name) ?? true);
  const cache = await mkdtemp(join(tmpdir(), 'lens-models-'));
  try {
    const rows = new Map<string, Row>();
    for (const name of names) {
      busy(name);
      const order: Order = {
        ...{ name, path: join(models, `${name}.onnx`), cache, repeats },
        threads: values.threads === undefined ? null : Number(values.threads),
        peer: { python: values.python, script },
      };
      rows.set(name, await inFreshProcess<Row>(join(__dirname, 'models', 'row.ts'), [JSON.stringify(order)]));
    }
    return [times(rows), await preparations(names, Math.min(3, repeats))].join('\n\n');
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

const ratio = (over: readonly number[], under: readonly number[]): string => {
  const all = over.map((value, i) => value / (under[i] ?? NaN));
  return spread(all, 2);
};

function times(rows: ReadonlyMap<string, Row>): string {
  const head = [
    ...['network', 'layers', 'forward ms', 'explain ms', 'explain : forward', 'in CPU time'],
    ...[
      'PyTorch forward ms',
      'its forward and backward ms',
      'pytorch-grad-cam ms',
      'explain and maps at 224 ms',
      'pytorch-grad-cam : these',
    ],
  ];
  return grid(
    head,
    [...rows].map(([name, row]) => [
      ...[name, String(row.layers), spread(row.forward), spread(row.explain)],
      ...[ratio(row.explain, row.forward), ratio(row.explainCpu, row.forwardCpu)],
      ...[spread(row.peer.forward), spread(row.peer['forward and backward']), spread(row.peer.maps)],
      spread(row.maps),
      ratio(row.peer.maps, row.maps),
    ]),
  );
}

/** Seconds that a first report takes longer than a second one. */
async function preparations(names: readonly string[], repeats: number): Promise<string> {
  const other = values.against === undefined ? null : resolve(values.against);
  const rows: string[][] = [];
  for (const name of names) {
    busy(`preparing ${name}`);
    const path = join(models, `${name}.onnx`);
    const [ours, theirs]: [Preparation[], Preparation[]] = [[], []];
    for (let turn = 0; turn < repeats; turn++) {
      if (other !== null) theirs.push(await preparation(other, path));
      ours.push(await preparation(projectRoot(), path));
    }
    const cells = (runs: readonly Preparation[]): string[] => [
      spread(
        runs.map(({ wall }) => wall),
        2,
      ),
      spread(
        runs.map(({ cpu }) => cpu),
        2,
      ),
    ];
    const cpu = (runs: readonly Preparation[]): number => median(runs.map((run) => run.cpu));
    rows.push([
      name,
      ...cells(ours),
      ...(other === null ? [] : [...cells(theirs), (cpu(ours) / cpu(theirs)).toFixed(2)]),
    ]);
  }
  const compared = other === null ? [] : ['in the other checkout', 'its CPU seconds', 'ours : its, CPU'];
  return grid(['first preparation', 'seconds', 'CPU seconds', ...compared], rows);
}

main(measure);
