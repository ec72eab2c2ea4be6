/**
 * `npm run bench throughput [-- --python .venv/bin/python] [--repeats 5] [--pictures 80] [--only resnet50]`: CPU time a picture of `evaluate`, verdict
 * only and with the heatmap of one layer, against its floor (decoding, preprocessing and one forward pass, each measured by itself), in turn;
 * with --python against the floor of other libraries too, so that slow code of ours cannot pass for a floor, and beside a PyTorch DataLoader
 * and FiftyOne's apply_model, where they are installed.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { projectRoot } from '../server/src/system/paths';
import { cpuOfChildren, inFreshProcess, measuredEnvironment, measureProcess } from './processes';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, median, ratios, spread } from './table';
import type { Floor } from './throughput/floor';
import { drawPictures } from './throughput/pictures';
import type { Contestant } from './turns';
import { inTurn } from './turns';

const { values } = parseArgs({
  options: {
    ...effortOptions,
    ...{ python: { type: 'string' }, only: { type: 'string' }, pictures: { type: 'string', default: '80' } },
  },
});

interface Subject {
  readonly name: string;
  readonly architecture: string;
  readonly options: readonly string[];
  /** Of bench/peers/set_peer.py. */
  readonly peer: string;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: 'FSBI, EfficientNet-B5 at 380',
    architecture: 'efficientnet_pytorch/b5',
    options: ['--lens', 'fsbi', '--weights', 'demo'],
    peer: 'b5',
  },
  {
    name: 'ResNet-50 at 224',
    architecture: 'torchvision/resnet50',
    options: ['--lens', 'torchvision', '--architecture', 'torchvision/resnet50', '--weights', 'demo'],
    peer: 'resnet50',
  },
];

/** Of the long run: what a start costs, and V8 translating what it runs often, is then in both. */
const FEW = 20;

async function measure(): Promise<string> {
  const { repeats, quick } = effortOf(values, 5);
  const count = quick ? FEW + 12 : Number(values.pictures);
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-throughput-'));
  try {
    busy(`${count} pictures`);
    const many = await drawPictures(join(folder, 'many'), count);
    const few = join(folder, 'few');
    for (const name of (await readdir(many)).slice(0, FEW))
      await cp(join(many, name), join(few, name), { recursive: true });
    const runs = { folder, few, many, each: count - FEW };
    const peers = values.python === undefined ? [] : await peersOf(values.python);
    const parts: string[] = [];
    for (const subject of SUBJECTS.filter(({ peer }) => (values.only ?? peer) === peer))
      parts.push(await tableOf(subject, runs, peers, quick ? 1 : repeats));
    const cores = availableParallelism();
    return [
      `JPEGs of 800 x 600 without detection. A picture's cost is the CPU time (user and system, whole process tree) of ${count} pictures less that of ` +
        `${FEW}, over ${count - FEW}; the floor's forward pass has one thread, all others ${cores}. Rates are ${cores} cores over the median cost: what a machine does that has nothing else to do.`,
      ...parts,
      ...(peers.length < PEERS.length
        ? [
            `Not installed here: ${PEERS.filter((peer) => !peers.includes(peer))
              .map(({ name }) => name)
              .join(', ')}.`,
          ]
        : []),
    ].join('\n\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Runs {
  readonly folder: string;
  readonly few: string;
  readonly many: string;
  /** Pictures that `many` has more. */
  readonly each: number;
}

async function tableOf(
  subject: Subject,
  runs: Runs,
  peers: readonly Peer[],
  rounds: number,
): Promise<string> {
  busy(subject.name);
  const options = [...subject.options, '--detector', 'none', '--device', 'cpu', '--labels', 'none'];
  const own = new Steps(() =>
    inFreshProcess<Floor>(
      join(projectRoot(), 'bench', 'throughput', 'floor.ts'),
      [runs.many, subject.architecture, '1', ...options],
      measuredEnvironment(),
    ),
  );
  const libraries = values.python === undefined ? null : new Steps(() => floorOfLibraries(runs, subject));
  const ours = (...more: readonly string[]): (() => Promise<number>) =>
    perPicture(runs, (set) => [
      process.execPath,
      ...[
        join(projectRoot(), 'dist', 'cli.js'),
        'evaluate',
        set,
        ...options,
        ...more,
        '--quiet',
        '--replace',
      ],
      ...['--output', join(runs.folder, 'out')],
    ]);
  const theirs = peers.filter(({ networks }) => networks.includes(subject.peer));
  const contestants: readonly Contestant[] = [
    { name: 'floor', run: () => own.run() },
    ...(libraries === null ? [] : [{ name: 'libraries', run: () => libraries.run() }]),
    { name: 'evaluate, verdict only', run: ours() },
    { name: "evaluate, the last layer's heatmap", run: ours('--layers', 'last') },
    ...theirs.map(({ name, command }) => ({
      name,
      run: perPicture(runs, (set) => command(set, subject.peer)),
    })),
  ];
  const [base = [], ...others] = await inTurn(contestants, rounds, 0);
  const theirBase = libraries === null ? [] : (others[0] ?? []);
  const found = libraries === null ? others : others.slice(1);
  const runners = contestants.slice(contestants.length - found.length);
  const rate = (cost: readonly number[]): string =>
    ((1000 * availableParallelism()) / median(cost)).toFixed(1);
  const row = (name: string, cost: readonly number[]): string[] => [
    ...[name, spread(cost, 1), rate(cost), cost === base ? '1' : ratios(base, cost)],
    ...(libraries === null ? [] : [cost === theirBase ? '1' : ratios(theirBase, cost)]),
  ];
  return grid(
    [
      ...[`${subject.name} (n = ${rounds})`, 'CPU ms a picture', 'pictures/s', 'of the floor, pair by pair'],
      ...(libraries === null ? [] : ["of other libraries' floor"]),
    ],
    [
      row(`floor: ${own.words(rounds)}`, base),
      ...(libraries === null ? [] : [row(`by other libraries: ${libraries.words(rounds)}`, theirBase)]),
      ...found.map((cost, at) => row(runners[at]?.name ?? '', cost)),
    ],
  );
}

/** A floor by its steps, as often as it is measured. */
class Steps {
  private readonly found: Floor[] = [];

  constructor(private readonly measure: () => Promise<Floor>) {}

  async run(): Promise<number> {
    const floor = await this.measure();
    this.found.push(floor);
    return floor.decode + floor.prepare + floor.forward;
  }

  /** Medians of the last rounds. */
  words(rounds: number): string {
    const of = (step: keyof Floor): string =>
      median(this.found.slice(-rounds).map((each) => each[step])).toFixed(1);
    return `decoding ${of('decode')}, preprocessing ${of('prepare')}, forward ${of('forward')}`;
  }
}

async function floorOfLibraries({ many }: Runs, { peer }: Subject): Promise<Floor> {
  const script = join(projectRoot(), 'bench', 'peers', 'set_floor.py');
  const asked = [script, '--folder', many, '--network', peer];
  const { stdout } = await promisify(execFile)(values.python ?? '', asked, { env: measuredEnvironment() });
  return JSON.parse(stdout) as Floor;
}

/** CPU milliseconds that a picture adds. The first run of all is not counted: it prepares the network, which later ones find prepared. */
function perPicture(
  { few, many, each }: Runs,
  command: (set: string) => readonly string[],
): () => Promise<number> {
  const cost = async (set: string): Promise<number> => {
    const [program = '', ...args] = command(set);
    const before = cpuOfChildren();
    await measureProcess(program, args);
    return 1000 * (cpuOfChildren() - before);
  };
  let isPrepared = false;
  return async () => {
    if (!isPrepared) await cost(few);
    isPrepared = true;
    const start = await cost(few);
    const added = (await cost(many)) - start;
    if (added > 0) return added / each;
    throw new Error(`${each} pictures more took no more CPU time than ${FEW}: the machine is too busy.`);
  };
}

interface Peer {
  readonly name: string;
  /** Python that fails where it is not installed. */
  readonly probe: string;
  readonly networks: readonly string[];
  readonly command: (set: string, network: string) => readonly string[];
}

const script = join(projectRoot(), 'bench', 'peers', 'set_peer.py');
const peer = (name: string, probe: string, runner: string, networks: readonly string[]): Peer => ({
  ...{ name, probe, networks },
  command: (set, network) => [
    values.python ?? '',
    script,
    '--folder',
    set,
    '--network',
    network,
    '--runner',
    runner,
  ],
});

const PEERS: readonly Peer[] = [
  peer('PyTorch, DataLoader, batches of 8', 'import torch', 'loader', ['b5', 'resnet50']),
  peer("FiftyOne's apply_model, batches of 8", 'import fiftyone; fiftyone.list_datasets()', 'fiftyone', [
    'resnet50',
  ]),
];

async function peersOf(python: string): Promise<readonly Peer[]> {
  const there = await Promise.all(
    PEERS.map(({ probe }) =>
      promisify(execFile)(python, ['-c', probe]).then(
        () => true,
        () => false,
      ),
    ),
  );
  return PEERS.filter((_, at) => there[at]);
}

main(measure);
