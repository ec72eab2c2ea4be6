/** Long work of the server, as a notification with its progress and a way to cancel it. */
import { randomUUID } from 'node:crypto';
import { ProgressLocation, window } from 'vscode';
import type { Outcome } from '../../../protocol/failure';
import { cancel, progress, type RequestName } from '../../../protocol/requests';
import type { Services } from '../services';
import { showFailure } from './failure';

/** Asks under a new job name, shows the job's progress with a way to cancel it, and shows what went wrong: then the answer is undefined. */
export async function withJob<Params, Answer>(
  services: Services,
  title: string,
  name: RequestName<Params & { readonly job: string }, Outcome<Answer>>,
  params: Params,
): Promise<Answer | undefined> {
  const outcome = await askWithProgress(services, title, name, params);
  if (outcome.ok) return outcome.value;
  // Not waited for: the message may stay for long, and what the reader was at goes on.
  void showFailure(services, outcome.failure);
  return undefined;
}

/** The same, but the caller shows what went wrong. */
export async function askWithProgress<Params, Answer>(
  services: Services,
  title: string,
  name: RequestName<Params & { readonly job: string }, Outcome<Answer>>,
  params: Params,
): Promise<Outcome<Answer>> {
  const job = randomUUID();
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, async (bar, token) => {
    const stop = services.connection.on(progress, (now) => {
      if (now.job === job) bar.report({ message: now.progress.message });
    });
    token.onCancellationRequested(() => void services.connection.ask(cancel, { job }));
    return services.connection.ask(name, { ...params, job }).finally(stop);
  });
}
