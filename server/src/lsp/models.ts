/** The requests about models, doctor, and the installation that it advises. */
import { randomUUID } from 'node:crypto';
import type { Connection } from 'vscode-languageserver';
import {
  doctor,
  downloadModel,
  importModel,
  installCuda,
  listModels,
  planCuda,
  progress,
  type JobId,
} from '../../../protocol/requests';
import type { Progress } from '../../../protocol/analysis';
import type { Answering } from './answer';
import type { Engines } from './engines';
import { absolutePath, record, text, textOrNull } from './parameters';
import { worded } from './remedies';

export function registerModels(connection: Connection, answer: Answering, engines: Engines): void {
  const listen = (job: JobId) => ({
    progress: (now: Progress) => void connection.sendNotification(progress.method, { job, progress: now }),
  });
  const nothing = (): Record<string, never> => ({});

  answer(listModels, nothing, () => engines.run<'listModels'>(randomUUID(), { kind: 'listModels' }));
  answer(doctor, nothing, async () =>
    (await engines.run<'doctor'>(randomUUID(), { kind: 'doctor' })).map(worded),
  );
  answer(planCuda, nothing, () => engines.run<'planCuda'>(randomUUID(), { kind: 'planCuda' }));
  answer(installCuda, jobParams, ({ job }, token) => {
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    return engines
      .run<'installCuda'>(job, { kind: 'installCuda' }, listen(job))
      .then((done) => {
        engines.renewCompute();
        return done;
      })
      .finally(() => stopped.dispose());
  });
  answer(importModel, importParams, ({ job, path, id, stateDict }, token) => {
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    const task = { kind: 'importModel', path, id, stateDict } as const;
    return engines.run<'importModel'>(job, task, listen(job)).finally(() => stopped.dispose());
  });
  answer(downloadModel, downloadParams, ({ job, id }, token) => {
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    const task = { kind: 'downloadModel', id } as const;
    return engines.run<'downloadModel'>(job, task, listen(job)).finally(() => stopped.dispose());
  });
}

const jobParams = (params: unknown) => ({ job: text(record(params), 'job') });

function importParams(params: unknown) {
  const all = record(params);
  return {
    job: text(all, 'job'),
    path: absolutePath(all, 'path'),
    id: textOrNull(all, 'id'),
    stateDict: all['stateDict'] === undefined ? null : textOrNull(all, 'stateDict'),
  };
}

function downloadParams(params: unknown) {
  const all = record(params);
  return { job: text(all, 'job'), id: text(all, 'id') };
}
