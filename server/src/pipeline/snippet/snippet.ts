/** A Python script that recomputes a number of a report, with the files that it reads. */
import { basename } from 'node:path';
import type { CamMethod, LayerReport, Report } from '../../../../protocol/report';
import type { PythonSnippet } from '../../../../protocol/requests';
import type { SnippetSubject } from '../../../../protocol/vocabulary';
import { LensError } from '../../errors';
import { buildForwardGraph } from '../../explain/forward';
import type { ModelStore } from '../../store/store';
import { planesOf } from '../layer-details';
import { layerRun } from '../layer-planes';
import { withWeightsInMemory } from '../network/weights-in-memory';
import { layerOf, repeatInput, reportIn } from '../repeat';
import { exportGraph, exportInput, snippetFolder } from './export';
import {
  activationLines,
  channelLines,
  comment,
  heatmapLines,
  literal,
  methodTitle,
  verdictLines,
} from './python';
import { torchNetwork, torchRun, type TorchNetwork } from './torch';

export interface SnippetQuestion {
  /** The report folder. */
  readonly folder: string;
  readonly subject: SnippetSubject;
  /** Null for the verdict. */
  readonly layer: string | null;
  /** For a heatmap; null for the report's first. */
  readonly method: CamMethod | null;
  readonly channel: number | null;
}

/**
 * @throws LensError of kind `usage` for what the report does not contain, `image` or `model` where either has changed since it was written,
 * `output` where its folder cannot be written
 */
export async function pythonSnippet(
  question: SnippetQuestion,
  store: ModelStore,
  signal?: AbortSignal,
): Promise<PythonSnippet> {
  const { folder, subject } = question;
  const report = await reportIn(folder);
  if (subject === 'verdict') return verdictSnippet(folder, report, store, signal);
  if (question.layer === null) throw wanting(folder, 'the name of a layer');
  const layer = layerOf(folder, report, question.layer);
  const { title, lines } = about(question, report, layer);
  const explained = `towards the logit of ${report.target.label} (index ${report.target.index})`;
  const head = `${title} of layer ${layer.name} ${explained}, as in ${subjectOf(report)}.`;
  const of: LayerSnippet = { folder, report, layer, head, lines };
  const torch = await torchNetwork(report);
  const module = torch?.moduleOf(layer.name) ?? null;
  if (torch !== null && module !== null) return withTorch(of, torch, module, store, signal);
  return withGraph(of, subject, store, signal);
}

/** The tensor that a script reads was made from the edited picture: the script is not about the file itself. */
const subjectOf = ({ input, processId }: Report): string => {
  const edited =
    input.edited === undefined ? '' : `, of a picture edited by hand (${input.edited.strokes} strokes)`;
  return `${basename(input.path)}'s report ${processId}${edited}`;
};

interface LayerSnippet {
  readonly folder: string;
  readonly report: Report;
  readonly layer: LayerReport;
  /** What the script is of. */
  readonly head: string;
  /** What it does with A and g. */
  readonly lines: readonly string[];
}

async function withTorch(
  { folder, report, layer, head, lines }: LayerSnippet,
  torch: TorchNetwork,
  module: string,
  store: ModelStore,
  signal: AbortSignal | undefined,
): Promise<PythonSnippet> {
  const { tensor } = await repeatInput(folder, report, store, signal);
  const one = report.classifier.logits.length === 1;
  const logit = one ? 0 : report.target.index;
  const sign = one && report.target.index === 0 ? -1 : 1;
  return torchSnippet({ folder, head, tensor }, torch, (input) => [
    ...torchRun(torch, input, { layer, module, logit, sign }),
    '',
    ...lines,
  ]);
}

async function withGraph(
  { folder, report, layer, head, lines }: LayerSnippet,
  subject: SnippetSubject,
  store: ModelStore,
  signal: AbortSignal | undefined,
): Promise<PythonSnippet> {
  const { tensor, graph } = await layerRun({ folder, report, layer }, store, signal);
  const { inputs, outputs, model } = graph;
  const { gradient } = outputs;
  if (gradient === null && subject === 'heatmap') throw wanting(folder, `a heatmap of "${layer.name}"`);
  const target =
    gradient === null
      ? ''
      : `, ${literal(inputs.target)}: np.array([${report.target.index}], dtype=np.int64)`;
  const asked = [outputs.activation, ...(gradient === null ? [] : [gradient])];
  return graphSnippet(
    {
      ...{ folder, head, tensor, model },
      name: `layer-${report.layers.indexOf(layer)}`,
      before: [comment('The network as far as the logits, with the gradient of the class at the layer.')],
    },
    (input) => [
      `feeds = {${literal(inputs.image)}: np.load(${literal(input)})${target}}`,
      `outputs = session.run([${asked.map(literal).join(', ')}], feeds)`,
      'A = outputs[0][0]  # (channels, positions)',
      ...(gradient === null ? [] : ['g = outputs[1][0]']),
      '',
      ...lines,
    ],
  );
}

function about(
  { folder, subject, method: asked, channel }: SnippetQuestion,
  report: Report,
  layer: LayerReport,
): { readonly title: string; readonly lines: readonly string[] } {
  if (subject === 'activation') return { title: 'Activation', lines: activationLines(layer) };
  if (subject === 'channel') {
    const [channels] = planesOf(layer);
    if (channel === null || channel >= channels)
      throw wanting(folder, `a channel of "${layer.name}", 0 to ${channels - 1}`);
    return { title: `Channel ${channel}`, lines: channelLines(layer, channel) };
  }
  const method = asked ?? report.methods[0];
  if (method === undefined || !layer.heatmaps.some((heatmap) => heatmap.method === method))
    throw wanting(folder, `a heatmap of "${layer.name}" by ${methodTitle(method ?? 'gradcam')}`);
  return { title: methodTitle(method), lines: heatmapLines(layer, method) };
}

async function verdictSnippet(
  folder: string,
  report: Report,
  store: ModelStore,
  signal?: AbortSignal,
): Promise<PythonSnippet> {
  if (report.classifier.precision !== undefined)
    throw new LensError(
      'usage',
      `${folder}: the verdict is that of a ${report.classifier.precision.kind} file; what can be exported is its float32 equivalent, which gives other numbers.`,
      { fix: 'Run the file itself with onnxruntime.' },
    );
  const head = `Verdict of ${subjectOf(report)}.`;
  const lines = ['', ...verdictLines(report)];
  const torch = await torchNetwork(report);
  const { tensor, network } = await repeatInput(folder, report, store, signal);
  if (torch !== null)
    return torchSnippet({ folder, head, tensor }, torch, (input) => [
      ...torchRun(torch, input, null),
      ...lines,
    ]);
  const outputs = report.classifier.activation?.kind === 'none' ? network.outputs : network.logits;
  const model = buildForwardGraph(await withWeightsInMemory(network), network.input.shape, [outputs]);
  return graphSnippet({ folder, head, tensor, model, name: 'network', before: [] }, (input) => [
    `image = np.load(${literal(input)})`,
    `logits = session.run([${literal(outputs)}], {${literal(network.input.name)}: image})[0].reshape(-1)`,
    ...lines,
  ]);
}

/** The beginning of every script: its title, and the network's input tensor, written beside the report. */
interface Beginning {
  readonly folder: string;
  readonly head: string;
  readonly tensor: Parameters<typeof exportInput>[1];
}

/** @param lines after the imports, given the path of the tensor */
async function torchSnippet(
  { folder, head, tensor }: Beginning,
  torch: TorchNetwork,
  lines: (input: string) => readonly string[],
): Promise<PythonSnippet> {
  const input = await exportInput(await snippetFolder(folder), tensor);
  return {
    library: torch.library,
    text: script(head, torch.packages, ['import torch', ...torch.imports], lines(input)),
    files: [input],
  };
}

interface GraphBeginning extends Beginning {
  readonly model: Parameters<typeof exportGraph>[2];
  /** Of the graph's file, without its extension. */
  readonly name: string;
  /** Lines before the session. */
  readonly before: readonly string[];
}

/** @param lines after the session is created, given the path of the tensor */
async function graphSnippet(
  { folder, head, tensor, model, name, before }: GraphBeginning,
  lines: (input: string) => readonly string[],
): Promise<PythonSnippet> {
  const place = await snippetFolder(folder);
  const input = await exportInput(place, tensor);
  const path = await exportGraph(place, name, model);
  return {
    library: 'onnxruntime',
    text: runtimeScript(head, before, path, lines(input)),
    files: [input, path],
  };
}

const script = (
  head: string,
  packages: string,
  imports: readonly string[],
  lines: readonly string[],
): string =>
  [
    comment(head),
    comment(`pip install ${packages}`),
    'import numpy as np',
    ...imports,
    '',
    ...lines,
    '',
  ].join('\n');

/** @param before lines before the session of the graph in `path` @param lines from the input tensor on */
const runtimeScript = (
  head: string,
  before: readonly string[],
  path: string,
  lines: readonly string[],
): string =>
  script(
    head,
    'onnxruntime numpy',
    ['import onnxruntime'],
    [
      ...before,
      `session = onnxruntime.InferenceSession(${literal(path)}, providers=["CPUExecutionProvider"])`,
      comment('What the network received.'),
      ...lines,
    ],
  );

const wanting = (folder: string, what: string): LensError =>
  new LensError('usage', `${folder}: expected ${what}, which the report does not have.`, {
    fix: 'Ask for a layer, method or channel that the report shows.',
  });
