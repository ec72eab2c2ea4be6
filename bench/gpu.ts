/**
 * `npm run bench gpu [-- --architecture <id> --side <pixels> --devices cuda,webgpu --software]`: forward and explain on each device
 * against the CPU, in time and in numbers, four images in one run, RetinaFace ResNet-50; writes GPU.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BuiltNetwork } from '../server/src/architectures/network';
import { parseAnalyze } from '../server/src/cli/options';
import type { ExplainOutputs } from '../server/src/explain/assemble';
import { decodeExplain } from '../server/src/explain/decode';
import { encodeModel } from '../server/src/onnx/write';
import { analyze } from '../server/src/pipeline/run';
import { Workbench } from '../server/src/pipeline/workbench/workbench';
import type { DeviceState } from '../server/src/runtime/devices';
import { deviceStates, examineThisCuda } from '../server/src/runtime/devices';
import { projectRoot } from '../server/src/system/paths';
import { probeDevice } from '../server/src/runtime/probe';
import type { Provider } from '../server/src/runtime/session';
import { furtherTables, measureFurther, type Further } from './gpu-further';
import {
  differenceOf,
  measureGraph,
  placementText,
  reasonOf,
  WARM_UP,
  type Results,
  type Run,
  type Values,
} from './gpu-run';
import { describeCode, describeMachine } from './machine';
import { explainFeeds, graphFor, sampleTensor, seeded, timed } from './networks';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, spread } from './table';

const { values } = parseArgs({
  options: {
    ...effortOptions,
    architecture: { type: 'string', default: 'efficientnet_pytorch/b5' },
    side: { type: 'string', default: '380' },
    devices: { type: 'string', default: 'cuda,webgpu,directml,coreml' },
    /** Also takes renderers that run on the CPU, such as SwiftShader. */
    software: { type: 'boolean', default: false },
  },
});
const { repeats, quick } = effortOf(values, 20);
const choice = { architecture: values.architecture, side: Number(values.side), threads: null };

interface Measured {
  readonly provider: Provider;
  readonly forward: Run;
  readonly explain: Run;
  readonly outputs: ExplainOutputs;
  /** Whole warm analyses; empty where the report's own network is another one than was requested; or why there are none. */
  readonly report: readonly number[] | string;
  readonly further: Further;
}

/** What a device that could not be measured to the end says. */
interface Failed {
  readonly provider: Provider;
  readonly reason: string;
}

/** The demo network, from image file to report folder. */
async function measureReport(provider: Provider): Promise<readonly number[]> {
  if (choice.architecture !== 'efficientnet_pytorch/b5' || choice.side !== 380) return [];
  const folder = await mkdtemp(join(tmpdir(), 'lens-gpu-'));
  const bench = new Workbench();
  try {
    const sample = join(projectRoot(), 'samples', 'portrait.png');
    const { options } = parseAnalyze([
      ...[sample, '--output', folder, '--device', provider, '--weights', 'demo'],
    ]);
    const times: number[] = [];
    for (let i = 0; i < WARM_UP + Math.ceil(repeats / 2); i++) {
      const time = await timed(() => analyze(sample, options, bench));
      if (i >= WARM_UP) times.push(time);
    }
    return times;
  } finally {
    await bench.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Graphs {
  readonly forward: Uint8Array;
  readonly forwardFeeds: Results;
  readonly explain: Uint8Array;
  readonly explainFeeds: Results;
  readonly outputs: ExplainOutputs;
}

/** Each kind of device has a graph of its own. */
function graphsFor(provider: Provider, { model, input, logits, layers }: BuiltNetwork): Graphs {
  const request = { model, inputShape: input.shape, logits, layers, methods: ['gradcam'] } as const;
  const graph = graphFor(provider, request);
  return {
    forward: encodeModel(model),
    forwardFeeds: { [input.name]: sampleTensor(choice.side) },
    explain: encodeModel(graph.model),
    explainFeeds: explainFeeds(graph.inputs, choice.side, 1),
    outputs: graph.outputs,
  };
}

/** A report that fails does not take the graphs' figures with it. */
async function measureDevice(provider: Provider, network: BuiltNetwork): Promise<Measured> {
  const graphs = graphsFor(provider, network);
  busy(`${provider}: forward`);
  const forward = await measureGraph(provider, graphs.forward, graphs.forwardFeeds, repeats);
  busy(`${provider}: explain`);
  const explain = await measureGraph(provider, graphs.explain, graphs.explainFeeds, repeats);
  busy(`${provider}: whole reports`);
  const report = await measureReport(provider).catch((thrown: unknown) => `failed: ${reasonOf(thrown)}`);
  const further = await measureFurther(provider, choice, repeats);
  return { provider, forward, explain, outputs: graphs.outputs, report, further };
}

/** What a run says, by kind. */
function valuesOf({ forward, explain, outputs }: Measured): ReadonlyMap<string, readonly Values[]> {
  const [sample] = decodeExplain(outputs, explain.results);
  if (sample === undefined) throw new Error('The explain graph gave no sample.');
  const { layers } = sample;
  return new Map<string, readonly Values[]>([
    ['forward: logits', Object.values(forward.results).map(({ data }) => data as Float32Array)],
    ['explain: logits', [sample.logits]],
    ['explain: maps', layers.flatMap(({ mean, cam }) => [mean, ...cam.values()])],
    ['explain: channel weights', layers.map(({ weights }) => weights)],
    [
      'explain: mean, deviation, least, greatest',
      layers.map(({ statistics: s }) => [s.mean, s.std, s.min, s.max]),
    ],
    ['explain: share of zeros', layers.map(({ statistics }) => [statistics.zeros])],
  ]);
}

function agreementTable(cpu: Measured, others: readonly Measured[]): string {
  const expected = valuesOf(cpu);
  const rows = others.flatMap((other) => {
    const found = valuesOf(other);
    return [...expected].map(([kind, values]) => {
      const { absolute, relative } = differenceOf(values, found.get(kind) ?? []);
      const verdict = relative <= 1e-3 ? 'yes' : '**no**';
      return [`${other.provider}, ${kind}`, absolute.toExponential(1), relative.toExponential(1), verdict];
    });
  });
  return grid(['against the CPU', 'largest difference', 'of the range', 'within 1e-3'], rows);
}

/** What the driver calls the hardware, and for CUDA the libraries that ran on it. */
function hardwareName(state: DeviceState): string {
  if (state.provider !== 'cuda') return state.reason;
  const libraries = examineThisCuda()
    .findings.filter(({ part }) => part === 'libraries' || part === 'cuDNN')
    .map(({ text }) => text);
  const query = ['--query-gpu=name,driver_version,memory.total,compute_cap', '--format=csv,noheader'];
  try {
    const gpus = execFileSync('nvidia-smi', query, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split('\n');
    return [...gpus, ...libraries].join('; ');
  } catch {
    return [state.reason, ...libraries].join('; ');
  }
}

async function usable(states: readonly DeviceState[]): Promise<{
  readonly chosen: readonly DeviceState[];
  readonly passedOver: readonly string[];
}> {
  const chosen: DeviceState[] = [];
  const passedOver: string[] = [];
  for (const state of states) {
    const software = state.software && !values.software;
    const refusal = !state.available
      ? state.reason
      : software
        ? `${state.reason}: a software renderer (\`--software\` measures it all the same)`
        : await probeDevice(state.provider).then(() => null, reasonOf);
    if (refusal === null) chosen.push(state);
    else passedOver.push(`- ${state.provider}: ${refusal}`);
  }
  return { chosen, passedOver };
}

const pagePath = join(__dirname, 'GPU.md');
const NO_HARDWARE = '**No hardware GPU has been measured yet.**';

/** A machine without a GPU does not overwrite what one with a GPU has measured; sections that follow stay, with their own dates. */
async function save(body: string, hardware: boolean): Promise<void> {
  const present = await readFile(pagePath, 'utf8').catch(() => NO_HARDWARE);
  if (quick || (!hardware && !present.includes(NO_HARDWARE))) return;
  const section = present.indexOf('\n## ');
  const rest = section < 0 ? '' : present.slice(section);
  await writeFile(pagePath, `# GPUs\n\n\`npm run bench gpu\`\n\n${body}\n${rest}`);
}

/** @throws Error that names the devices there are */
function wantedStates(): readonly DeviceState[] {
  const wanted = values.devices.split(',').map((name) => name.trim());
  const states = deviceStates();
  const unknown = wanted.filter((name) => !states.some(({ provider }) => provider === name));
  if (unknown.length > 0) {
    const known = states.map(({ provider }) => provider).join(', ');
    throw new Error(`--devices expects some of ${known}; found "${unknown.join(', ')}".`);
  }
  return states.filter(({ provider }) => wanted.includes(provider));
}

async function measure(): Promise<string> {
  const { chosen, passedOver } = await usable(wantedStates());
  const network = await seeded(choice);
  const hardware = chosen.some(({ software, provider }) => !software && provider !== 'cpu');
  const cpu = await measureDevice('cpu', network);
  const others: Measured[] = [];
  const failed: Failed[] = [];

  /** @param begun that the process may not survive: a driver's crash takes it along, but not this page */
  const page = (begun: readonly Failed[]): string => {
    const measured = [cpu, ...others];
    const notMeasured = [
      ...passedOver,
      ...[...failed, ...begun].map(({ provider, reason }) => `- ${provider}: ${reason}`),
    ];
    const parts = [
      `Measured on ${new Date().toISOString().slice(0, 10)}: ${describeCode()}; ${describeMachine()}. ` +
        `${choice.architecture} at ${choice.side} with seeded weights, batch 1, Grad-CAM of ${network.layers.length} layers. ` +
        `Median (least to most) of ${repeats} warm runs; TF32 off. The first run notes which device runs which node.`,
      hardware ? null : `${NO_HARDWARE} \`npm run bench gpu\` on a machine that has one replaces this page.`,
      chosen.length > 0
        ? chosen.map((state) => `- ${state.provider}: ${hardwareName(state)}`).join('\n')
        : null,
      grid(
        ['device', 'forward ms', 'explain ms', 'warm report ms', 'explain: load ms', 'first run ms'],
        measured.map(({ provider, forward: f, explain: e, report }) => [
          provider,
          spread(f.times, 1),
          spread(e.times, 1),
          typeof report === 'string' ? report : report.length === 0 ? 'not measured' : spread(report),
          e.load.toFixed(0),
          e.first.toFixed(0),
        ]),
      ),
      others.length > 0 ? agreementTable(cpu, others) : null,
      grid(
        ['device', 'forward: nodes', 'explain: nodes'],
        measured.map(({ provider, forward: f, explain: e }) => [
          provider,
          placementText(f.placement),
          placementText(e.placement),
        ]),
      ),
      furtherTables(measured.map(({ further }) => further)),
      notMeasured.length > 0 ? `Not measured:\n\n${notMeasured.join('\n')}` : null,
    ];
    return parts.filter((part) => part !== null).join('\n\n');
  };

  for (const { provider } of chosen) {
    const crash = 'the process ended while this device was measured';
    await save(page([{ provider, reason: crash }]), hardware);
    await measureDevice(provider, network).then(
      (one) => others.push(one),
      (thrown: unknown) => failed.push({ provider, reason: `failed: ${reasonOf(thrown)}` }),
    );
  }
  const body = page([]);
  await save(body, hardware);
  return body;
}

main(measure);
