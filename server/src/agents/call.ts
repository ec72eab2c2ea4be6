/** Calls a tool: what `inference-lens mcp` and the editor's language-model tools answer. */
import { stat } from 'node:fs/promises';
import { readReportFolder } from '../../../files/report-folder';
import {
  AGENT_TOOLS,
  type AgentTool,
  type ToolAnswer,
  type ToolPart,
  type ToolRow,
} from '../../../protocol/agent-tools';
import type { AnalysisOptions } from '../../../protocol/options';
import type { LensCheck } from '../../../protocol/lens-check';
import type { LayerReport, Report } from '../../../protocol/report';
import type { FinishedReport, LayerDetails } from '../../../protocol/requests';
import { tellingLayer } from '../../../protocol/telling';
import { nearestName } from '../architectures/edit-distance';
import { LensError } from '../errors';
import { layersFitting, patternsIn } from '../layers/patterns';
import { requireRead } from '../pipeline/again';
import { listLayers } from '../pipeline/network/list-layers';
import { shipped, shippedFile } from '../store/shipped';
import type { ModelStore } from '../store/store';
import { checkArguments, pathOf, textOf, type ToolArguments } from './arguments';
import { smallPicture } from './picture';
import { analysisAnswer, layerAnswer } from './answers';

/** What the tools are built from. */
export interface ToolBench {
  readonly store: ModelStore;
  /** Used where the tool's arguments leave something open. */
  readonly options: AnalysisOptions;
  readonly analyze: (image: string, options: AnalysisOptions) => Promise<FinishedReport>;
  readonly layerDetails: (folder: string, layer: string, channels: number) => Promise<LayerDetails>;
  readonly checkLens: (path: string) => Promise<LensCheck>;
}

export const isTool = (name: string): name is AgentTool => Object.hasOwn(AGENT_TOOLS, name);

/** @throws LensError with what can be done about it */
export async function callTool(name: AgentTool, given: unknown, bench: ToolBench): Promise<ToolAnswer> {
  const row: ToolRow = AGENT_TOOLS[name];
  return { parts: await tools[name](checkArguments(row, given), bench) };
}

type Tool = (given: ToolArguments, bench: ToolBench) => Promise<readonly ToolPart[]>;

const json = (value: unknown): ToolPart => ({ type: 'text', text: JSON.stringify(value) });

const tools: { readonly [K in AgentTool]: Tool } = {
  analyze: async (given, bench) => {
    const { folder, report } = await analyzed(given, bench);
    const telling = tellingLayer(report.layers);
    return [json(analysisAnswer(folder, report, telling)), ...(await pictureOf(folder, telling))];
  },

  layers: async (given, { store }) => {
    const subject = textOf(given, 'model') ?? '';
    const all = await listLayers(await modelPath(subject, store));
    const pattern = textOf(given, 'pattern');
    const found = pattern === null ? all : layersFitting(all, patternsIn(pattern), subject);
    const listed = new Set(found.slice(0, MOST_LAYERS));
    const layers = all
      .filter((layer) => listed.has(layer))
      .map(({ name, shape, operator, shown, source }) => ({
        ...{ name, shape, operator, shown },
        ...(source === undefined ? {} : { source }),
      }));
    const more = found.length - layers.length;
    return [
      json({ model: subject, layers, ...(more > 0 ? { more, hint: 'Narrow them with "pattern".' } : {}) }),
    ];
  },

  explain_layer: async (given, bench) => {
    const { folder, report } = await reported(given, bench);
    const row = layerOf(report, textOf(given, 'layer') ?? '');
    const channels = typeof given['channels'] === 'number' ? given['channels'] : 8;
    const details = await bench.layerDetails(folder, row.name, channels);
    return [json(await layerAnswer(folder, report, row, details)), ...(await pictureOf(folder, row))];
  },

  lint_lens: async (given, { checkLens }) => {
    const path = pathOf(textOf(given, 'lens') ?? '');
    const { problems, model } = await checkLens(path);
    return [
      json({
        lens: path,
        ok: problems.every(({ severity }) => severity !== 'error'),
        problems: problems.map(({ repairs, ...problem }) => ({
          ...problem,
          repairs: repairs.map(({ title }) => title),
        })),
        model:
          model === null
            ? null
            : { name: model.name, input: model.shape, classes: model.classes, layers: model.layers.length },
      }),
    ];
  },
};

/** Layers of a list. */
const MOST_LAYERS = 200;

function analyzed(given: ToolArguments, { analyze, options }: ToolBench): Promise<FinishedReport> {
  const image = textOf(given, 'image');
  if (image === null) throw new LensError('usage', 'The tool needs an "image", or a "report" of one.');
  const [weights, lens, target] = ['weights', 'lens', 'target'].map((name) => textOf(given, name));
  // Both are replaced together: the network in the settings belongs to the lens in the settings.
  const network = weights === null && lens === null ? {} : { weights: weights ?? null, lens: lens ?? null };
  return analyze(pathOf(image), { ...options, ...network, ...(target == null ? {} : { target }) });
}

async function reported(given: ToolArguments, bench: ToolBench): Promise<FinishedReport> {
  const folder = textOf(given, 'report');
  if (folder === null) return analyzed(given, bench);
  const path = pathOf(folder);
  return { folder: path, report: requireRead(await readReportFolder(path)) };
}

function layerOf({ layers }: Report, name: string): LayerReport {
  const found = layers.find((layer) => layer.name === name);
  if (found !== undefined) return found;
  const names = layers.map((layer) => layer.name);
  const nearest = nearestName(name, names);
  throw new LensError('usage', `The report has no layer "${name}".`, {
    fix: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Its ${names.length} layers are ${names.slice(0, 40).join(', ')}${names.length > 40 ? ', ...' : ''}.`,
  });
}

async function pictureOf(folder: string, row: LayerReport | null): Promise<readonly ToolPart[]> {
  const [first] = row?.heatmaps ?? [];
  return first === undefined || first.blank ? [] : [await smallPicture(folder, first.picture)];
}

async function modelPath(subject: string, store: ModelStore): Promise<string> {
  if (subject === shipped.id) return shippedFile();
  const path = pathOf(subject);
  if ((await stat(path).catch(() => null)) !== null) return path;
  const stored = await store.find(subject);
  if (stored !== null) return store.pathOf(stored);
  throw new LensError('model', `There is no file ${path} and no model "${subject}" in the store.`, {
    remedies: ['import-file'],
  });
}
