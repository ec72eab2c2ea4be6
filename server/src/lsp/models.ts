/** The requests about models, and doctor. */
import { randomUUID } from 'node:crypto';
import type { Connection } from 'vscode-languageserver';
import {
  doctor,
  downloadModel,
  importModel,
  listModels,
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
  answer(importModel, importParams, ({ job, path, id }, token) => {
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    const task = { kind: 'importModel', path, id } as const;
    return engines.run<'importModel'>(job, task, listen(job)).finally(() => stopped.dispose());
  });
  answer(downloadModel, downloadParams, ({ job, id }, token) => {
    const stopped = token.onCancellationRequested(() => engines.cancel(job));
    const task = { kind: 'downloadModel', id } as const;
    return engines.run<'downloadModel'>(job, task, listen(job)).finally(() => stopped.dispose());
  });
}

function importParams(params: unknown) {
  const all = record(params);
  return { job: text(all, 'job'), path: absolutePath(all, 'path'), id: textOrNull(all, 'id') };
}

function downloadParams(params: unknown) {
  const all = record(params);
  return { job: text(all, 'job'), id: text(all, 'id') };
}
