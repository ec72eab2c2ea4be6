/**
 * What an engine can do, one row a task: the rows of protocol/requests.ts that name a lane. The language
 * server reaches them through its child process, the command line in its own. The code of analyses is part of
 * the bundle; that of other tasks is loaded on demand, since loading it takes longer than most of them run.
 */
import type { TaskKind } from '../../../protocol/engine';
import { analyze } from '../pipeline/run';
import type { Task } from './task';

const ofStore = () => import('./store-tasks');
const ofQuestions = () => import('./question-tasks');

const analyzeImage: Task<'analyze'> = (
  { image, options, trusted = true, ahead = false },
  { bench },
  hooks,
) => {
  const note = hooks.note ?? (() => undefined);
  return analyze(image, options, bench, { ...hooks, trusted, ...(ahead ? { ahead: note } : {}) });
};

/** Loads what performs a task. */
export const tasks: { readonly [K in TaskKind]: () => Promise<Task<K>> } = {
  analyze: () => Promise.resolve(analyzeImage),
  layerDetails: async () => (await ofQuestions()).layerDetails,
  layerChannels: async () => (await ofQuestions()).layerChannels,
  stepPictures: async () => (await ofQuestions()).stepPictures,
  pythonSnippet: async () => (await ofQuestions()).pythonSnippet,
  verdict: async () => (await ofQuestions()).verdict,
  filePicture: async () => (await ofQuestions()).filePicture,
  callTool: async () => (await ofQuestions()).callTool,
  evaluate: async () => (await ofQuestions()).evaluate,
  runCheck: async () => (await ofQuestions()).runCheck,
  adoptOrder: async () => (await ofQuestions()).adoptOrder,
  openEvaluation: async () => (await ofQuestions()).openEvaluation,
  evaluationScores: async () => (await ofQuestions()).evaluationScores,
  evaluationPicture: async () => (await ofQuestions()).evaluationPicture,
  drawReport: async () => (await ofQuestions()).drawReport,
  listModels: async () => (await ofStore()).listModels,
  importModel: async () => (await ofStore()).importModel,
  downloadModel: async () => (await ofStore()).downloadModel,
  renameModel: async () => (await ofStore()).renameModel,
  removeModel: async () => (await ofStore()).removeModel,
  modelStructure: async () => (await ofQuestions()).modelStructure,
  modelFeeding: async () => (await ofQuestions()).modelFeeding,
  modelWeights: async () => (await ofQuestions()).modelWeights,
  checkLens: async () => (await ofQuestions()).checkLens,
  setLabels: async () => (await ofQuestions()).setLabels,
  createLens: async () => (await ofQuestions()).createLens,
  planCuda: async () => (await ofStore()).planCuda,
  installCuda: async () => (await ofStore()).installCuda,
  doctor: async () => (await ofStore()).doctor,
};
