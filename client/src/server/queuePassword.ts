/** The queue's password: with the editor's secrets, and from there into the server's environment, so that no setting, request or log holds it. */
import type { SecretStorage } from 'vscode';

const KEY = 'queuePassword';
/** Read by server and engine; also in server/src/evaluation/queue/address.ts. */
const VARIABLE = 'INFERENCE_LENS_QUEUE_PASSWORD';

/** For the server's process; one that is set for the editor itself holds where nothing is stored. */
export async function queueEnvironment(secrets: SecretStorage): Promise<Readonly<Record<string, string>>> {
  const password = await secrets.get(KEY);
  return password === undefined ? {} : { [VARIABLE]: password };
}

/** @param password empty for none */
export const storeQueuePassword = (secrets: SecretStorage, password: string): PromiseLike<void> =>
  password === '' ? secrets.delete(KEY) : secrets.store(KEY, password);
