/**
 * Answers every request of protocol/requests.ts. Most are a task of an engine, which gets the request's
 * parameters; those that need more, or work before or after, have a handler here.
 */
import { randomUUID } from 'node:crypto';
import { isAbsolute } from 'node:path';
import type { CancellationToken, Connection } from 'vscode-languageserver';
import type { Progress } from '../../../protocol/analysis';
import type { TaskKind, TaskOf } from '../../../protocol/engine';
import {
  progress,
  requests,
  type AnswerOf,
  type CheckedParams,
  type Parameters,
  type ParametersOf,
  type RequestKey,
} from '../../../protocol/requests';
import type { reportRequests } from '../../../protocol/report-requests';
import type { Analyses } from './analyses';
import type { Answering } from './answer';
import { checkOptions, listed } from './checks';
import type { Engines } from './engines';
import { checked } from './parameters';
import { worded } from './remedies';
import type { SettingsReader } from './settings';
import type { Trust } from './trust';

type Handler<K extends RequestKey> = (
  params: CheckedParams<ParametersOf<K>>,
  token: CancellationToken,
  /** As they came: an editor may have put a token for progress into them. */
  raw: unknown,
) => Promise<AnswerOf<K>>;

/** Requests that no engine performs must have a handler; others may. */
type Handlers = { readonly [K in Exclude<RequestKey, TaskKind>]: Handler<K> } & {
  readonly [K in TaskKind]?: Handler<K>;
};

/** Passes a request to its engine, and progress to the client. */
const performing =
  (connection: Connection, engines: Engines) =>
  <K extends TaskKind>(kind: K): Handler<K> =>
  async (params, token) => {
    const { job = randomUUID(), ...given } = params as { readonly job?: string };
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    const listener = {
      progress: (now: Progress) => void connection.sendNotification(progress.method, { job, progress: now }),
    };
    try {
      return await engines.run(job, { kind, ...given } as TaskOf<K>, listener);
    } finally {
      stopped.dispose();
    }
  };

export interface Registered {
  /** Rejects requests that have not reached the engines yet; the engines reject the others. */
  readonly dispose: () => void;
}

/** Files beside a model count too, unless the workspace is not trusted. */
const withTrust =
  <K extends 'importModel' | 'modelFeeding' | 'checkLens' | 'createLens'>(
    handle: Handler<K>,
    trust: Trust,
  ): Handler<K> =>
  (params, token, raw) =>
    handle(Object.assign({}, params, { trusted: trust.isTrusted }), token, raw);

/** Those that look at files beside a file. */
const lookingBeside = (perform: ReturnType<typeof performing>, trust: Trust) => ({
  importModel: withTrust(perform('importModel'), trust),
  modelFeeding: withTrust(perform('modelFeeding'), trust),
  checkLens: withTrust(perform('checkLens'), trust),
  createLens: withTrust(perform('createLens'), trust),
});

/** Uses the settings of the image that a tool is about; a report that was not made here needs trust, as everywhere. */
const toolHandler =
  (
    analyses: Analyses,
    settings: SettingsReader,
    trust: Trust,
    perform: Handler<'callTool'>,
  ): Handler<'callTool'> =>
  async (params, token, raw) => {
    const { job, input, options } = params;
    const { image, report } = pathsIn(input);
    const prepare = async () => {
      if (report !== null) await trust.require(report);
      return settings.optionsFor(image ?? report ?? process.cwd(), options ?? {});
    };
    return afterPreparing(analyses, job, token, prepare, (asked) =>
      perform(Object.assign({}, params, { options: asked, trusted: trust.isTrusted }), token, raw),
    );
  };

/** What is prepared here and then done by an engine; a request that is cancelled while it is prepared is not done. */
async function afterPreparing<Prepared, Answer>(
  analyses: Analyses,
  job: string,
  token: CancellationToken,
  prepare: () => Promise<Prepared>,
  perform: (prepared: Prepared) => Answer | Promise<Answer>,
): Promise<Answer> {
  const stopped = token.onCancellationRequested(() => analyses.stop(job));
  try {
    return await perform(await analyses.prepared(job, prepare));
  } finally {
    stopped.dispose();
  }
}

/** Invalid JSON and invalid paths are refused where the tool's arguments are read. */
function pathsIn(input: string): { readonly image: string | null; readonly report: string | null } {
  const absolute = (value: unknown): string | null =>
    typeof value === 'string' && isAbsolute(value) ? value : null;
  try {
    const { image, report } = (JSON.parse(input) ?? {}) as {
      readonly image?: unknown;
      readonly report?: unknown;
    };
    return { image: absolute(image), report: absolute(report) };
  } catch {
    return { image: null, report: null };
  }
}

/** With the settings that would hold for an image in the set's folder. */
const evaluating =
  (perform: Handler<'evaluate'>, settings: SettingsReader, trust: Trust): Handler<'evaluate'> =>
  async (params, token, raw) => {
    const options = await settings.optionsFor(params.source, params.options ?? {});
    const queueAt = params.queue === 1 ? await settings.queueFor(params.source) : null;
    const trusted = trust.isTrusted;
    return perform(Object.assign({}, params, { options, queueAt, trusted }), token, raw);
  };

const checking =
  (
    perform: Handler<'runCheck'>,
    analyses: Analyses,
    settings: SettingsReader,
    trust: Trust,
  ): Handler<'runCheck'> =>
  (params, token, raw) =>
    afterPreparing(
      analyses,
      params.job,
      token,
      () => checkOptions(params.path, settings, trust),
      (options) => perform(Object.assign({}, params, { options }), token, raw),
    );

/** With the options of a report of the image, where there is one, else with what the settings say. */
const verdictHandler =
  (
    analyses: Analyses,
    settings: SettingsReader,
    trust: Trust,
    perform: Handler<'verdict'>,
  ): Handler<'verdict'> =>
  async (params, token, raw) => {
    const { job, folder, image, options } = params;
    const prepare = async () =>
      folder === null
        ? { image, options: await settings.optionsFor(image, options ?? {}) }
        : analyses.again(folder, settings, options ?? {});
    return afterPreparing(analyses, job, token, prepare, (prepared) =>
      perform(Object.assign({}, params, prepared, { trusted: trust.isTrusted }), token, raw),
    );
  };

/** The options of a report that the request changes. */
const changeOf = ({ target, methods, output, pictures }: CheckedParams<ParametersOf<'retarget'>>) => ({
  ...{ target, methods },
  ...(output === null ? {} : { output }),
  ...(pictures === null ? {} : { pictures }),
});

/** Questions about a report, which names an image and perhaps weights. */
function aboutReports(
  perform: ReturnType<typeof performing>,
  analyses: Analyses,
  settings: SettingsReader,
  trust: Trust,
) {
  const ofReport =
    <K extends keyof typeof reportRequests & TaskKind>(key: K): Handler<K> =>
    async (params, token, raw) => {
      const { job, folder } = params as { readonly job: string; readonly folder: string };
      const trusted = () => trust.require(folder);
      return afterPreparing(analyses, job, token, trusted, () => perform(key)(params, token, raw));
    };
  /** For requests that run the network: this machine's setting limits its memory. */
  const withinMemory =
    <K extends 'layerDetails' | 'layerChannels'>(key: K): Handler<K> =>
    async (params, token, raw) => {
      const { job, folder, memoryLimit: asked } = params as CheckedParams<ParametersOf<'layerDetails'>>;
      const { memoryLimit } = await analyses.prepared(job, () => settings.optionsFor(folder, {}));
      return ofReport(key)(Object.assign({}, params, { memoryLimit: asked ?? memoryLimit }), token, raw);
    };
  return { ofReport, withinMemory };
}

export function registerRequests(
  connection: Connection,
  answer: Answering,
  engines: Engines,
  analyses: Analyses,
  settings: SettingsReader,
  trust: Trust,
): Registered {
  const perform = performing(connection, engines);
  const { ofReport, withinMemory } = aboutReports(perform, analyses, settings, trust);
  const handlers: Handlers = {
    callTool: toolHandler(analyses, settings, trust, perform('callTool')),
    ...lookingBeside(perform, trust),
    analyze: ({ job, image, options }, token, raw) => {
      const prepare = async () => ({ image, options: await settings.optionsFor(image, options ?? {}) });
      return analyses.run(job, prepare, token, raw);
    },
    listCheck: ({ path, text }) => listed(path, text),
    runCheck: checking(perform('runCheck'), analyses, settings, trust),
    evaluate: evaluating(perform('evaluate'), settings, trust),
    retarget: (asked, token, raw) =>
      analyses.run(asked.job, () => analyses.again(asked.folder, settings, changeOf(asked)), token, raw),
    edit: ({ job, folder, options }, token, raw) =>
      analyses.run(job, () => analyses.again(folder, settings, options ?? {}), token, raw),
    verdict: verdictHandler(analyses, settings, trust, perform('verdict')),
    layerDetails: withinMemory('layerDetails'),
    layerChannels: withinMemory('layerChannels'),
    pythonSnippet: ofReport('pythonSnippet'),
    stepPictures: ofReport('stepPictures'),
    drawReport: ofReport('drawReport'),
    cancel: ({ job }) => {
      analyses.stop(job);
      return Promise.resolve(null);
    },
    doctor: async (...asked) => (await perform('doctor')(...asked)).map(worded),
    installCuda: async (...asked) => {
      const done = await perform('installCuda')(...asked);
      engines.renewCompute();
      return done;
    },
  };

  for (const key of Object.keys(requests) as RequestKey[]) {
    const { method, parameters } = requests[key];
    const handle = (handlers[key] ?? perform(key as TaskKind)) as Handler<RequestKey>;
    answer(method, (params) => checked<Parameters>(parameters, params) as never, handle);
  }
  return { dispose: () => analyses.dispose() };
}
