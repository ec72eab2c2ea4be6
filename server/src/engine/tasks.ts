/**
 * What an engine can do, one row a task: the rows of protocol/requests.ts that name a lane. The language server reaches them through its
 * child process, the command line in its own.
 */
import type { EngineAnswers, TaskGiven, TaskKind } from '../../../protocol/engine';
import { callTool } from './call-tool';
import { drawReport } from '../pipeline/draw-report';
import { layerChannels } from '../pipeline/layer-channels';
import { layerDetails } from '../pipeline/layer-details';
import { modelFeeding } from '../pipeline/inspection/feeding';
import { modelStructure } from '../pipeline/inspection/structure';
import { weightPage } from '../pipeline/inspection/weights';
import { checkLens } from '../pipeline/lens-check/check';
import { createLens } from '../pipeline/lens-check/create';
import { lensLeftBeside } from '../pipeline/left-beside';
import { analyze } from '../pipeline/run';
import { pythonSnippet } from '../pipeline/snippet/snippet';
import { stepPictures } from '../pipeline/step-pictures';
import { installCuda, planCuda } from '../runtime/cuda/install';
import { probeDevice } from '../runtime/probe';
import { findCard, readCards } from '../store/card';
import { fetchModel } from '../store/fetch-model';
import { examine } from './doctor';
import { adoptOrder } from '../evaluation/detective/adopt';
import { evaluateSet } from '../evaluation/evaluate-set';
import { shownPicture } from '../evaluation/shown/picture';
import { listModels, modelLines, summarize } from './models';
import type { Resources, TaskHooks } from './resources';

export type { Resources, TaskHooks };

type Task<K extends TaskKind> = (
  given: TaskGiven<K>,
  on: Resources,
  hooks: TaskHooks,
) => Promise<EngineAnswers[K]>;

/** A signal, if there is one, and what moves, under a name. */
const transfer = ({ signal, moved }: TaskHooks, what: string) => ({
  ...(signal === undefined ? {} : { signal }),
  progress: (done: number, total: number | null) => moved?.(what, done, total),
});

export const tasks: { readonly [K in TaskKind]: Task<K> } = {
  analyze: ({ image, options, trusted = true }, { bench }, hooks) =>
    analyze(image, options, bench, { ...hooks, trusted }),

  layerDetails: (question, { bench, kept }, { signal }) => layerDetails(question, bench.store, kept, signal),

  layerChannels: (question, { bench, planes }, { signal }) =>
    layerChannels(question, bench.store, planes, signal),

  stepPictures: (question, _, { signal }) => stepPictures(question, signal),

  pythonSnippet: (question, { bench }, { signal }) => pythonSnippet(question, bench.store, signal),

  callTool: (given, on, hooks) => callTool(given, on, hooks),

  evaluate: (given, { bench }, hooks) => evaluateSet(given, bench, hooks),

  adoptOrder: ({ folder, lens }) => adoptOrder(folder, lens),

  openEvaluation: ({ folder }, { tables }, { signal }) => tables.open(folder, signal),

  evaluationScores: async ({ folder, class: index }, { tables }, { signal }) =>
    (await tables.of(folder, signal)).table.probabilities(index, signal),

  evaluationPicture: async ({ folder, root, row, layer }, { tables }, { signal }) => {
    const { table } = await tables.of(folder, signal);
    return shownPicture(root, await table.row(row), layer, signal);
  },

  drawReport: async ({ folder }, { bench }, { signal }) => {
    await drawReport(folder, bench, signal);
    return null;
  },

  listModels: (_, { bench }) => listModels(bench.store),

  importModel: async ({ path, id, architecture, stateDict, trusted = true }, { bench }, hooks) => {
    const model = await bench.store.import(path, {
      ...transfer(hooks, `importing ${path}`),
      ...(id === null ? {} : { id }),
      ...(architecture === null ? {} : { architecture }),
      ...(stateDict === null ? {} : { stateDict }),
    });
    const lens = trusted && model.lens === undefined ? await lensLeftBeside(path) : null;
    return summarize(lens === null ? model : await bench.store.bindLens(model.id, lens));
  },

  downloadModel: async ({ id }, { bench }, hooks) => {
    const card = findCard(id, readCards());
    const model = await fetchModel(card, bench.store, {
      ...transfer(hooks, `downloading ${id}`),
      waiting: (holder) => {
        const host = holder === null ? '' : ` on ${holder.host}`;
        hooks.note?.(`Process ${holder?.pid ?? 'unknown'}${host} is downloading ${id}: waiting for it.`);
      },
    });
    if (card.sha256 === null && card.sha256Prefix === undefined)
      hooks.note?.('The publisher states no checksum, so only the structure of the file was checked.');
    return summarize(model);
  },

  modelStructure: ({ path }, _, { signal }) => modelStructure(path, signal),

  modelFeeding: ({ path, trusted = true }, { bench }, { signal }) =>
    modelFeeding(path, bench.store, { trusted }, signal),

  modelWeights: ({ path, from }, _, { signal }) => weightPage(path, from, signal),

  checkLens: ({ path, text, trusted = true }, { bench, networks }, { signal }) =>
    checkLens({ path, text }, { store: bench.store, networks, trusted, signal }),

  createLens: ({ path, trusted = true }, { bench }, { signal }) =>
    createLens(path, bench.store, { trusted }, signal),

  planCuda: () => planCuda(),

  installCuda: async (_, __, { signal, moved }) => {
    await installCuda((line) => moved?.(line, 0, null), signal === undefined ? {} : { signal });
    return null;
  },

  doctor: (_, { bench }) => examine(probeDevice, () => modelLines(bench.store)),
};
