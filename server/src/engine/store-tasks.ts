/** Tasks about the store of models and what this machine computes on. */
import { lensLeftBeside } from '../pipeline/left-beside';
import { agreeWithConfig } from '../pipeline/network-beside';
import { identify } from '../store/identify';
import { installCuda as answerInstallCuda, planCuda as answerPlanCuda } from '../runtime/cuda/install';
import { probeDevice } from '../runtime/probe';
import { findCard, readCards } from '../store/card';
import { fetchModel } from '../store/fetch-model';
import { renameModel as answerRenameModel } from '../store/rename';
import { examine } from './doctor';
import { listModels as answerListModels, modelLines, summarize } from './models';
import type { Task, TaskHooks } from './task';

/** A signal, if there is one, and what moves, under a name. */
const transfer = ({ signal, moved }: TaskHooks, what: string) => ({
  ...(signal === undefined ? {} : { signal }),
  progress: (done: number, total: number | null) => moved?.(what, done, total),
});

export const listModels: Task<'listModels'> = async (_, { bench }) => answerListModels(bench.store);

export const importModel: Task<'importModel'> = async (
  { path, id, architecture, stateDict, trusted = true },
  { bench },
  hooks,
) => {
  const reading = {
    ...(architecture === null ? {} : { architecture }),
    ...(stateDict === null ? {} : { stateDict }),
  };
  if (trusted) await agreeWithConfig(path, async () => (await identify(path, reading)).architecture);
  const model = await bench.store.import(path, {
    ...transfer(hooks, `importing ${path}`),
    ...(id === null ? {} : { id }),
    ...reading,
  });
  const lens = trusted && model.lens === undefined ? await lensLeftBeside(path) : null;
  return summarize(lens === null ? model : await bench.store.rewrite(model.id, { lens }));
};

export const downloadModel: Task<'downloadModel'> = async ({ id }, { bench }, hooks) => {
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
};

export const renameModel: Task<'renameModel'> = async ({ id, to }, { bench }) =>
  summarize(await answerRenameModel(bench.store, { id, to }, readCards()));

export const removeModel: Task<'removeModel'> = async ({ id }, { bench }) => {
  await bench.store.remove(id);
  return null;
};

export const planCuda: Task<'planCuda'> = async () => answerPlanCuda();

export const installCuda: Task<'installCuda'> = async (_, __, { signal, moved }) => {
  await answerInstallCuda((line) => moved?.(line, 0, null), signal === undefined ? {} : { signal });
  return null;
};

export const doctor: Task<'doctor'> = async (_, { bench }) => {
  return examine(probeDevice, () => modelLines(bench.store));
};
