/** Try the Sample: the photograph that ships, with whatever network the settings name, for users without a picture at hand. */
import { Uri } from 'vscode';
import type { Panels } from '../panel/panels';
import type { Services } from '../services';

/** A photograph that the included network classifies correctly; NOTICE says where it is from. */
const SAMPLE = ['samples', 'chelsea.png'];

export async function trySample({ context }: Services, panels: Panels): Promise<void> {
  await panels.analyze(Uri.joinPath(context.extensionUri, ...SAMPLE).fsPath);
}
