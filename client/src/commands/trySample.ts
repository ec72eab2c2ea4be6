/** Try the Sample: the photograph that comes along, with whatever network the settings name, for who has no picture at hand. */
import { Uri } from 'vscode';
import type { Panels } from '../panel/panels';
import type { Services } from '../services';

/** A photograph that the network that comes along is right about; where it is from is in NOTICE. */
const SAMPLE = ['samples', 'chelsea.png'];

export async function trySample({ context }: Services, panels: Panels): Promise<void> {
  await panels.analyze(Uri.joinPath(context.extensionUri, ...SAMPLE).fsPath);
}
