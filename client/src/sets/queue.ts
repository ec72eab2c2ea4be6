/** A set by the workers of a queue: whether the reader wants that, and the password of its server. */
import { extname } from 'node:path';
import { window } from 'vscode';
import { t } from '../l10n';
import { storeQueuePassword } from '../server/queuePassword';
import type { Services } from '../services';
import { current } from '../settings';

export async function setQueuePassword({ context, connection, log }: Services): Promise<void> {
  const typed = await window.showInputBox({
    title: t('Password of the queue’s server'),
    prompt: t(
      'Stored with the editor’s secrets. Leave it empty to remove it. The Inference Lens server restarts.',
    ),
    password: true,
    ignoreFocusOut: true,
  });
  if (typed === undefined) return;
  await storeQueuePassword(context.secrets, typed);
  await connection.restart().catch((error: unknown) => log.error(String(error)));
}

/** Whether workers evaluate the set; undefined where the reader wants no evaluation after all. */
export async function pickWho(source: string, videos: readonly string[]): Promise<boolean | undefined> {
  const queue = current('queue');
  if (queue === '' || videos.includes(extname(source).slice(1).toLowerCase())) return false;
  const items = [
    { label: t('This machine'), detail: t('Every core of it.'), byQueue: false },
    {
      label: t('Workers of the queue {0}', withoutPassword(queue)),
      detail: t('Each is started with `inference-lens worker` on a machine that sees the pictures.'),
      byQueue: true,
    },
  ];
  return (await window.showQuickPick(items, { title: t('Who evaluates the pictures?') }))?.byQueue;
}

/** The server refuses an address with a password; until then it is not shown either. */
function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return '';
  const url = new URL(address);
  url.password = '';
  return url.toString();
}
