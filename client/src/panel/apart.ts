/** What a page asks that has nothing to do with the report in view: commands, settings, files, the clipboard, the log. */
import { env, type LogOutputChannel } from 'vscode';
import type { FromPanel, SentToPanel } from '../../../protocol/panel';
import { runCommand } from '../commands/run';
import { section } from '../settings';
import { saveFile } from './exports';
import { panelCommands } from './opening';

type Apart = Extract<FromPanel, { type: 'save' | 'run' | 'setting' | 'copy' | 'problem' }>;

/** @param image absolute path of the one in view @returns how it ended, where the page is to say that */
export async function answerApart(
  message: Apart,
  image: string | null,
  log: Pick<LogOutputChannel, 'error'>,
): Promise<SentToPanel | null> {
  switch (message.type) {
    case 'save':
      return saveFile(message, image);
    case 'run':
      await runCommand(panelCommands[message.command]);
      return null;
    case 'setting':
      await runCommand('workbench.action.openSettings', `@id:${section}.${message.setting}`);
      return null;
    case 'copy':
      await env.clipboard.writeText(message.text);
      return null;
    case 'problem':
      log.error(`Report panel: ${message.message}`);
      return null;
  }
}
