/** Runs a command of the editor and ignores its result. */
import { commands } from 'vscode';

export async function runCommand(command: string, ...args: readonly unknown[]): Promise<void> {
  await commands.executeCommand(command, ...args);
}
