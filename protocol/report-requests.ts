/** Requests about a report that is there: another target, one layer, one step, the files that are drawn later, the same in Python. */
import type { FinishedReport, LayerChannels, LayerDetails, PythonSnippet, StepPictures } from './answers';
import { OPTIONS } from './options';
import { FOLDER, JOB, of, request } from './request-row';
import { PATH, TEXT, count, word, words } from './values';
import { CAM_METHODS, SNIPPET_SUBJECTS } from './vocabulary';

const LAYER = { kind: TEXT, help: 'name of a layer of the report' } as const;
const MEMORY = {
  kind: OPTIONS.memoryLimit.kind,
  help: 'memory in MB that the network may take; without it, what the settings say',
  optional: true,
} as const;

/** Client -> server. */
export const reportRequests = {
  retarget: request({
    method: 'inferenceLens/retarget',
    does: 'Analyzes the image of a report again, with its weights and options, but another target or other methods, as a new report. What this does not change is not computed again.',
    parameters: {
      job: JOB,
      folder: FOLDER,
      target: { kind: TEXT, help: 'a label, an index (`index:2` where a class is called 2), or `pred`' },
      methods: { kind: words(CAM_METHODS), help: 'heatmap methods' },
      pictures: { kind: OPTIONS.pictures.kind, help: OPTIONS.pictures.help, optional: true },
      output: {
        kind: PATH,
        help: "folder that the new report's folder is created in; without it, that of the report",
        optional: true,
      },
    },
    answer: of<FinishedReport>(),
    lane: 'none',
  }),
  layerDetails: request({
    method: 'inferenceLens/layerDetails',
    does: 'What the inspector shows of one layer beyond the report; computed on demand.',
    parameters: {
      job: JOB,
      folder: FOLDER,
      layer: LAYER,
      // More than the inspector can show at once is a mistake.
      channels: { kind: count(1, 256), help: 'how many of the channels with the largest contribution' },
      memoryLimit: MEMORY,
    },
    answer: of<LayerDetails>(),
    lane: 'compute',
  }),
  layerChannels: request({
    method: 'inferenceLens/layerChannels',
    does: 'Channels of one layer by falling share of the heatmap, a page at a time: map, weight, and a summary of the gradient; computed on demand. Ask again with `next` until it is null.',
    parameters: {
      job: JOB,
      folder: FOLDER,
      layer: LAYER,
      from: { kind: count(0, 10_000_000), help: "rank of the page's first channel, from 0" },
      memoryLimit: MEMORY,
    },
    answer: of<LayerChannels>(),
    lane: 'compute',
  }),
  stepPictures: request({
    method: 'inferenceLens/stepPictures',
    does: 'What one preprocessing step of a report made of the picture; drawn on demand.',
    parameters: {
      job: JOB,
      folder: FOLDER,
      step: { kind: count(0, 63), help: "position in the report's `preprocess.steps`, from 0" },
    },
    answer: of<StepPictures>(),
    lane: 'compute',
  }),
  pythonSnippet: request({
    method: 'inferenceLens/pythonSnippet',
    does: 'A Python script that computes a number of the report again: with torch where the weights are a checkpoint that a library reads as it is, else with onnxruntime. The tensor that the network received, and for onnxruntime its graph, are written into `python` in the folder of the report.',
    parameters: {
      job: JOB,
      folder: FOLDER,
      subject: { kind: word(SNIPPET_SUBJECTS), help: 'what is computed' },
      layer: {
        ...LAYER,
        help: 'name of a layer of the report; needed for everything but the verdict',
        optional: true,
      },
      method: { kind: word(CAM_METHODS), help: 'of a heatmap', optional: true },
      channel: { kind: count(0, 10_000_000), help: 'a channel, from 0', optional: true },
    },
    answer: of<PythonSnippet>(),
    lane: 'compute',
  }),
  drawReport: request({
    method: 'inferenceLens/drawReport',
    does: 'Writes what the folder of an undrawn report lacks: the pictures and statistics of its layers, and `report.md`. Does nothing if nothing is missing.',
    parameters: { job: JOB, folder: FOLDER },
    answer: of<null>(),
    lane: 'compute',
  }),
};
