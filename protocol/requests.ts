/**
 * The requests and notifications between editor and server, one row each. Their types, the server's checks of parameters, the tasks that
 * an engine performs (engine.ts), and docs/requests.md are derived from the rows.
 */
import type { Progress } from './analysis';
import type { EvaluationPicture, OpenedEvaluation } from './evaluation';
import type { ToolAnswer } from './agent-tools';
import type { LensCheck, WrittenLens } from './lens-check';
import type { ModelFeeding, ModelStructure, WeightPage } from './model-structure';
import type {
  AdoptedOrder,
  CudaPlan,
  DoctorLine,
  FinishedReport,
  FinishedSet,
  ModelSummary,
  PartialReport,
  SetLabels,
} from './answers';
import { checkRequests } from './check-requests';
import { handRequests } from './hand-requests';
import { reportRequests } from './report-requests';
import { EVALUATION, JOB, MODEL, notification, of, request, type JobId } from './request-row';
import { PATH, TEXT, count } from './values';

export type * from './answers';
export type {
  CheckedParams,
  JobId,
  Lane,
  NotificationName,
  Parameter,
  Parameters,
  ParamsOf,
  RequestName,
} from './request-row';

/** Client -> server. */
export const requests = {
  analyze: request({
    method: 'inferenceLens/analyze',
    does: 'Analyzes one image; the answer comes when the report is on disk.',
    parameters: {
      job: JOB,
      image: { kind: PATH, help: 'the image' },
      options: { kind: { is: 'options' }, help: 'what differs from the settings', optional: true },
    },
    answer: of<FinishedReport>(),
    lane: 'compute',
  }),
  ...reportRequests,
  ...handRequests,
  callTool: request({
    method: 'inferenceLens/tool',
    does: 'Calls one of the tools for agents (docs/agents.md); the answer is JSON, and for some a picture.',
    parameters: {
      job: JOB,
      tool: { kind: TEXT, help: 'its name, such as `analyze`' },
      input: { ...{ kind: TEXT, help: 'its arguments, an object as JSON text' }, most: 262_144 },
      options: { kind: { is: 'options' }, help: 'what differs from the settings', optional: true },
    },
    answer: of<ToolAnswer>(),
    lane: 'compute',
  }),
  cancel: request({
    method: 'inferenceLens/cancel',
    does: "Stops a job; the job's own request then answers `cancelled`. An unknown job has already ended.",
    parameters: { job: JOB },
    answer: of<null>(),
    lane: 'none',
  }),
  evaluate: request({
    method: 'inferenceLens/evaluate',
    does: 'Runs a labeled set through a network. A stopped evaluation of the same set and options resumes where it stopped; the answer names the folder that holds it.',
    parameters: {
      job: JOB,
      source: { kind: PATH, help: 'a folder with one folder of pictures for each class, or a manifest' },
      output: { kind: PATH, help: 'folder in which `evaluation` appears' },
      labels: {
        kind: TEXT,
        help: 'where labels come from: `folders`, `none`, or a pattern that holds {label}; without it, the default of the command line',
        optional: true,
      },
      replace: {
        kind: count(0, 1),
        help: '1 starts over and replaces what is there',
        optional: true,
      },
      queue: {
        kind: count(0, 1),
        help: '1 has the pictures evaluated by workers of the queue that the settings name (`inferenceLens.queue`)',
        optional: true,
      },
      options: {
        kind: { is: 'options' },
        help: 'what differs from the settings; `layers` are those whose heatmaps are measured, null for none',
        optional: true,
      },
    },
    answer: of<FinishedSet>(),
    lane: 'sets',
  }),
  ...checkRequests,
  openEvaluation: request({
    method: 'inferenceLens/evaluation/open',
    does: 'The summary of a finished evaluation and its rows, column by column, up to 200,000 of them.',
    parameters: { job: JOB, folder: EVALUATION },
    answer: of<OpenedEvaluation>(),
    lane: 'models',
  }),
  evaluationScores: request({
    method: 'inferenceLens/evaluation/scores',
    does: 'The probability of one class in every row of an evaluation; null where a row has none.',
    parameters: {
      job: JOB,
      folder: EVALUATION,
      class: { kind: count(0, 10_000_000), help: 'index of the class' },
    },
    answer: of<readonly (number | null)[]>(),
    lane: 'models',
  }),
  evaluationPicture: request({
    method: 'inferenceLens/evaluation/picture',
    does: "What the network sees of a row's picture, small, and where one layer's heatmap lies in it. A picture that has changed since is an error.",
    parameters: {
      job: JOB,
      folder: EVALUATION,
      root: {
        kind: PATH,
        help: "folder that the rows' paths are relative to; no picture outside of it is read",
      },
      row: { kind: count(0, 1_000_000_000), help: 'its index, from 0' },
      layer: { kind: count(0, 100_000), help: "index into the table's layers", optional: true },
    },
    answer: of<EvaluationPicture>(),
    lane: 'models',
  }),
  adoptOrder: request({
    method: 'inferenceLens/evaluation/adopt',
    does: 'Writes the order of classes that an evaluation found better into a lens, whose comments stay; one that does not exist is created.',
    parameters: {
      job: JOB,
      folder: EVALUATION,
      lens: { kind: PATH, help: 'the lens file, which the reader has named' },
    },
    answer: of<AdoptedOrder>(),
    lane: 'models',
  }),
  listModels: request({
    method: 'inferenceLens/models/list',
    does: 'Every model of the store and every card.',
    parameters: {},
    answer: of<readonly ModelSummary[]>(),
    lane: 'models',
  }),
  importModel: request({
    method: 'inferenceLens/models/import',
    does: 'Reads a checkpoint, recognizes it, and keeps it in the store.',
    parameters: {
      job: JOB,
      path: { kind: PATH, help: 'the file; for one in several parts, its index, any part or the folder' },
      id: { kind: TEXT, help: "its name in the store; without it, the card's or the file's", optional: true },
      architecture: {
        kind: TEXT,
        help: 'network that it is read as, if its names and shapes fit several',
        optional: true,
      },
      stateDict: {
        kind: TEXT,
        help: 'state dict to read from a file that holds several; without it, the usual one',
        optional: true,
      },
    },
    answer: of<ModelSummary>(),
    lane: 'models',
  }),
  downloadModel: request({
    method: 'inferenceLens/models/download',
    does: 'Downloads the weights of a card.',
    parameters: { job: JOB, id: { kind: TEXT, help: 'of the card' } },
    answer: of<ModelSummary>(),
    lane: 'models',
  }),
  renameModel: request({
    method: 'inferenceLens/models/rename',
    does: 'Gives a model of the store another id; one that has a card keeps the id of its card.',
    parameters: {
      job: JOB,
      id: { kind: TEXT, help: 'of the model' },
      to: { kind: TEXT, help: 'its new id: letters, digits, `.`, `_` and `-`' },
    },
    answer: of<ModelSummary>(),
    lane: 'models',
  }),
  removeModel: request({
    method: 'inferenceLens/models/remove',
    does: 'Removes a model from the store; the file that it was imported from stays.',
    parameters: { job: JOB, id: { kind: TEXT, help: 'of the model' } },
    answer: of<null>(),
    lane: 'models',
  }),
  modelStructure: request({
    method: 'inferenceLens/model/structure',
    does: 'What a model file holds, from names and shapes alone: inputs, outputs, modules, weights, operators. Nothing is run.',
    parameters: { job: JOB, path: MODEL },
    answer: of<ModelStructure>(),
    lane: 'models',
  }),
  modelFeeding: request({
    method: 'inferenceLens/model/feeding',
    does: 'How a model file would be fed, read and named, value by value with its origin; fails if it cannot be analyzed.',
    parameters: { job: JOB, path: MODEL },
    answer: of<ModelFeeding>(),
    lane: 'models',
  }),
  modelWeights: request({
    method: 'inferenceLens/model/weights',
    does: 'Statistics and histograms of the next weights of a model file; ask again with `next` until it is null.',
    parameters: {
      job: JOB,
      path: MODEL,
      from: { kind: count(0, 10_000_000), help: "place of the page's first tensor, from 0" },
    },
    answer: of<WeightPage>(),
    lane: 'models',
  }),
  checkLens: request({
    method: 'inferenceLens/lens/check',
    does: 'Everything that is wrong with a lens file, with fixes, and the network that it is for: layers, labels, the origin of each value.',
    parameters: {
      job: JOB,
      path: { kind: PATH, help: 'the lens file' },
      text: {
        ...{ kind: TEXT, help: 'its text, if it is not yet on disk', optional: true },
        most: 262_144,
      },
    },
    answer: of<LensCheck>(),
    lane: 'models',
  }),
  setLabels: request({
    method: 'inferenceLens/lens/labels',
    does: 'Names a file of class names in a lens, whose comments stay; one that does not exist is created. A file without class names is an error.',
    parameters: {
      job: JOB,
      lens: { kind: PATH, help: 'the lens file, which the reader has named' },
      labels: { kind: PATH, help: 'the file: one name a line, a column of names, or JSON' },
    },
    answer: of<SetLabels>(),
    lane: 'models',
  }),
  createLens: request({
    method: 'inferenceLens/lens/create',
    does: 'Writes the lens of a model beside it, each value with its origin; an existing one stays, and is an error.',
    parameters: { job: JOB, path: MODEL },
    answer: of<WrittenLens>(),
    lane: 'models',
  }),
  planCuda: request({
    method: 'inferenceLens/cuda/plan',
    does: "What installing the runtime's CUDA libraries would do; fails if it cannot be done. Changes nothing.",
    parameters: {},
    answer: of<CudaPlan>(),
    lane: 'models',
  }),
  installCuda: request({
    method: 'inferenceLens/cuda/install',
    does: "Fetches the runtime's CUDA libraries and puts them into place, whole or not at all.",
    parameters: { job: JOB },
    answer: of<null>(),
    lane: 'install',
  }),
  doctor: request({
    method: 'inferenceLens/doctor',
    does: 'Versions, devices and why each is or is not available, cache, models.',
    parameters: {},
    answer: of<readonly DoctorLine[]>(),
    lane: 'models',
  }),
};

export const {
  analyze,
  retarget,
  layerDetails,
  layerChannels,
  stepPictures,
  pythonSnippet,
  edit,
  verdict,
  filePicture,
  callTool,
  evaluate,
  listCheck,
  runCheck,
  openEvaluation,
  evaluationScores,
  evaluationPicture,
  drawReport,
  adoptOrder,
  cancel,
  listModels,
  importModel,
  downloadModel,
  renameModel,
  removeModel,
  modelStructure,
  modelFeeding,
  modelWeights,
  checkLens,
  setLabels,
  createLens,
  planCuda,
  installCuda,
  doctor,
} = requests;

export const notifications = {
  progress: notification({
    method: 'inferenceLens/progress',
    from: 'server',
    does: 'A step began or made progress.',
    params: of<{ readonly job: JobId; readonly progress: Progress }>(),
  }),
  partial: notification({
    method: 'inferenceLens/partial',
    from: 'server',
    does: 'More became known; pictures lie under `folder` until the report is complete and renamed.',
    params: of<{ readonly job: JobId; readonly folder: string; readonly report: PartialReport }>(),
  }),
  trustGranted: notification({
    method: 'inferenceLens/trustGranted',
    from: 'client',
    does: 'The workspace, which `initializationOptions` declared untrusted (`trusted: false`), is trusted from now on. Until then other targets and layer details are available only for reports that the server wrote itself.',
    params: of<null>(),
  }),
};
export const { progress, partial, trustGranted } = notifications;

export type RequestKey = keyof typeof requests;
export type ParametersOf<K extends RequestKey> = (typeof requests)[K]['parameters'];
export type AnswerOf<K extends RequestKey> = Exclude<(typeof requests)[K]['answer']['types'], undefined>;
