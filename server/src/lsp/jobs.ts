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
import { answer } from './answer';
import type { Engines } from './engines';
import { absolutePath, methodList, record, text, wholeNumber } from './parameters';
import { followProgress } from './progress';
import { readOptions } from './retarget';
import type { SettingsReader } from './settings';

/** More than the inspector can show at once is a mistake. */
const mostChannels = 256;

export function registerJobs(connection: Connection, engines: Engines, settings: SettingsReader): void {
  const run = (
    job: JobId,
    image: string,
    options: AnalysisOptions,
    token: CancellationToken,
  ): Promise<FinishedReport> => {
    const shown = followProgress(connection, image, () => engines.cancel(job));
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    const listener = {
      progress: (now: Parameters<typeof shown.report>[0]) => {
        shown.report(now);
        void connection.sendNotification(progress.method, { job, progress: now });
      },
      partial: (folder: string, report: object) => {
        void connection.sendNotification(partial.method, { job, folder, report });
      },
    };
    return engines.run<'analyze'>(job, { kind: 'analyze', image, options }, listener).finally(() => {
      shown.done();
      stopped.dispose();
    });
  };

  answer(connection, analyze, analyzeParams, async ({ job, image, options }, token) =>
    run(job, image, await settings.optionsFor(image, options), token),
  );
  answer(connection, retarget, retargetParams, async ({ job, folder, target, methods }, token) => {
    const { image, options } = await readOptions(folder, (path) => settings.optionsFor(path, {}));
    return run(job, image, { ...options, target, methods }, token);
  });
  answer(connection, layerDetails, detailsParams, ({ job, folder, layer, channels }, token) => {
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    const task = { kind: 'layerDetails', folder, layer, channels } as const;
    return engines.run<'layerDetails'>(job, task).finally(() => stopped.dispose());
  });
  answer(
    connection,
    cancel,
    (params) => ({ job: text(record(params), 'job') }),
    ({ job }) => {
      engines.cancel(job);
      return Promise.resolve(null);
    },
  );
}

function analyzeParams(params: unknown): AnalyzeParams {
  const all = record(params);
  const options = record(all['options'] ?? {}) as Partial<AnalysisOptions>;
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
