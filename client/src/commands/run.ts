/** Runs a command of the editor without waiting for what it returns to mean anything. */
import { commands } from 'vscode';

export async function runCommand(command: string, ...args: readonly unknown[]): Promise<void> {
  await commands.executeCommand(command, ...args);
}
