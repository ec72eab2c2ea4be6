/** The requests that compute: analyze, another target, a layer's details; their progress and their end. */
import type { CancellationToken, Connection } from 'vscode-languageserver';
import type { AnalysisOptions } from '../../../protocol/analysis';
import {
  analyze,
  cancel,
  layerDetails,
  partial,
  progress,
  retarget,
  type AnalyzeParams,
  type FinishedReport,
  type JobId,
  type LayerDetailsParams,
  type RetargetParams,
} from '../../../protocol/requests';
import type { Answering } from './answer';
import type { Engines } from './engines';
import { givenOptions } from './given-options';
import { absolutePath, methodList, record, text, wholeNumber } from './parameters';
import { PreparingJobs } from './preparing';
import { followProgress, workDoneToken } from './progress';
import { readOptions } from './retarget';
import type { SettingsReader } from './settings';
import type { Trust } from './trust';

/** More than the inspector can show at once is a mistake. */
const mostChannels = 256;

export interface Jobs {
  /** Rejects what has not reached the engines yet; they reject the rest. */
  readonly dispose: () => void;
}

export function registerJobs(
  connection: Connection,
  answer: Answering,
  engines: Engines,
  settings: SettingsReader,
  trust: Trust,
): Jobs {
  const preparing = new PreparingJobs();
  const stop = (job: JobId): void => {
    preparing.cancel(job);
    engines.cancel(job);
  };

  const run = async (
    job: JobId,
    prepare: () => Promise<{ readonly image: string; readonly options: AnalysisOptions }>,
    token: CancellationToken,
    params: unknown,
  ): Promise<FinishedReport> => {
    const stopped = token.onCancellationRequested(() => stop(job));
    try {
      const { image, options } = await preparing.run(job, prepare);
      const finished = await compute(job, image, options, params);
      await trust.remember(finished.folder);
      return finished;
    } finally {
      stopped.dispose();
    }
  };

  const compute = (
    job: JobId,
    image: string,
    options: AnalysisOptions,
    params: unknown,
  ): Promise<FinishedReport> => {
    const shown = followProgress(connection, image, workDoneToken(params), () => stop(job));
    const listener = {
      progress: (now: Parameters<typeof shown.report>[0]) => {
        shown.report(now);
        void connection.sendNotification(progress.method, { job, progress: now });
      },
      partial: (folder: string, report: object) => {
        void connection.sendNotification(partial.method, { job, folder, report });
      },
    };
    return engines
      .run<'analyze'>(job, { kind: 'analyze', image, options }, listener)
      .finally(() => shown.done());
  };

  answer(analyze, analyzeParams, ({ job, image, options }, token, params) => {
    const prepare = async () => ({ image, options: await settings.optionsFor(image, options) });
    return run(job, prepare, token, params);
  });
  answer(retarget, retargetParams, ({ job, folder, target, methods }, token, params) => {
    const prepare = async () => {
      await trust.require(folder);
      const { image, options } = await readOptions(folder, (path, given) => settings.optionsFor(path, given));
      return { image, options: { ...options, target, methods } };
    };
    return run(job, prepare, token, params);
  });
  answer(layerDetails, detailsParams, async ({ job, folder, layer, channels }, token) => {
    const stopped = token.onCancellationRequested(() => stop(job));
    try {
      await preparing.run(job, () => trust.require(folder));
      return await engines.run<'layerDetails'>(job, { kind: 'layerDetails', folder, layer, channels });
    } finally {
      stopped.dispose();
    }
  });
  answer(
    cancel,
    (params) => ({ job: text(record(params), 'job') }),
    ({ job }) => {
      stop(job);
      return Promise.resolve(null);
    },
  );
  return { dispose: () => preparing.cancelAll() };
}

function analyzeParams(params: unknown): AnalyzeParams {
  const all = record(params);
  const options = givenOptions(all['options'] ?? {});
  return { job: text(all, 'job'), image: absolutePath(all, 'image'), options };
}

function retargetParams(params: unknown): RetargetParams {
  const all = record(params);
  return {
    job: text(all, 'job'),
    folder: absolutePath(all, 'folder'),
    target: text(all, 'target'),
    methods: methodList(all, 'methods'),
  };
}

function detailsParams(params: unknown): LayerDetailsParams {
  const all = record(params);
  return {
    job: text(all, 'job'),
    folder: absolutePath(all, 'folder'),
    layer: text(all, 'layer'),
    channels: wholeNumber(all, 'channels', 1, mostChannels),
  };
}
