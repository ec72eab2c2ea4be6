/** Tasks that answer what is asked of reports, models, lenses and sets. */
import { checkFile } from '../evaluation/checks/check-file';
import { adoptOrder as answerAdoptOrder } from '../evaluation/detective/adopt';
import { evaluateSet } from '../evaluation/evaluate-set';
import { shownPicture } from '../evaluation/shown/picture';
import { drawReport as answerDrawReport } from '../pipeline/draw-report';
import { modelFeeding as answerModelFeeding } from '../pipeline/inspection/feeding';
import { modelStructure as answerModelStructure } from '../pipeline/inspection/structure';
import { weightPage } from '../pipeline/inspection/weights';
import { layerChannels as answerLayerChannels } from '../pipeline/layer-channels';
import { layerDetails as answerLayerDetails } from '../pipeline/layer-details';
import { checkLens as answerCheckLens } from '../pipeline/lens-check/check';
import { createLens as answerCreateLens } from '../pipeline/lens-check/create';
import { setLabels as answerSetLabels } from '../pipeline/lens-check/set-labels';
import { pythonSnippet as answerPythonSnippet } from '../pipeline/snippet/snippet';
import { stepPictures as answerStepPictures } from '../pipeline/step-pictures';
import { filePicture as answerFilePicture, quickVerdict } from '../pipeline/verdict';
import { callTool as answerCallTool } from './call-tool';
import type { Task } from './task';

export const layerDetails: Task<'layerDetails'> = async (question, { bench, kept }, { signal }) =>
  answerLayerDetails(question, bench.store, kept, signal);

export const layerChannels: Task<'layerChannels'> = async (question, { bench, planes }, { signal }) =>
  answerLayerChannels(question, bench.store, planes, signal);

export const stepPictures: Task<'stepPictures'> = async (question, _, { signal }) =>
  answerStepPictures(question, signal);

export const pythonSnippet: Task<'pythonSnippet'> = async (question, { bench }, { signal }) =>
  answerPythonSnippet(question, bench.store, signal);

export const verdict: Task<'verdict'> = async ({ image, options, trusted = true }, { bench }, hooks) =>
  quickVerdict(image, options, bench, { ...hooks, trusted });

export const filePicture: Task<'filePicture'> = async ({ image, side }, { bench }, { signal }) =>
  answerFilePicture(image, side, bench, signal);

export const callTool: Task<'callTool'> = async (given, on, hooks) => answerCallTool(given, on, hooks);

export const evaluate: Task<'evaluate'> = async (given, { bench }, hooks) => evaluateSet(given, bench, hooks);

export const runCheck: Task<'runCheck'> = async (given, { bench }, hooks) => checkFile(given, bench, hooks);

export const adoptOrder: Task<'adoptOrder'> = async ({ folder, lens }) => answerAdoptOrder(folder, lens);

export const setLabels: Task<'setLabels'> = async ({ lens, labels }) => answerSetLabels(lens, labels);

export const openEvaluation: Task<'openEvaluation'> = async ({ folder }, { tables }, { signal }) =>
  (await tables()).open(folder, signal);

export const evaluationScores: Task<'evaluationScores'> = async (
  { folder, class: index },
  { tables },
  { signal },
) => (await (await tables()).of(folder, signal)).table.probabilities(index, signal);

export const evaluationPicture: Task<'evaluationPicture'> = async (
  { folder, root, row, layer },
  { tables },
  { signal },
) => {
  const { table } = await (await tables()).of(folder, signal);
  return shownPicture({ folder, root }, await table.row(row), layer, signal);
};

export const drawReport: Task<'drawReport'> = async ({ folder }, { bench }, { signal }) => {
  await answerDrawReport(folder, bench, signal);
  return null;
};

export const modelStructure: Task<'modelStructure'> = async ({ path }, _, { signal }) =>
  answerModelStructure(path, signal);

export const modelFeeding: Task<'modelFeeding'> = async ({ path, trusted = true }, { bench }, { signal }) =>
  answerModelFeeding(path, bench.store, { trusted }, signal);

export const modelWeights: Task<'modelWeights'> = async ({ path, from }, _, { signal }) =>
  weightPage(path, from, signal);

export const checkLens: Task<'checkLens'> = async (
  { path, text, trusted = true },
  { bench, networks },
  { signal },
) => answerCheckLens({ path, text }, { store: bench.store, networks, trusted, signal });

export const createLens: Task<'createLens'> = async ({ path, trusted = true }, { bench }, { signal }) =>
  answerCreateLens(path, bench.store, { trusted }, signal);
