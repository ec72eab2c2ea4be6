/** A report that comes from elsewhere names an image and weights; where the workspace is not trusted, neither is read for it. */
import { join } from 'node:path';
import type { Failure } from '../../../protocol/failure';
import type { Report } from '../../../protocol/report';

/** What is said instead, in the editor's words. The server refuses the same by itself (`lsp/trust.ts`). */
export const untrusted = (folder: string, { input, model, options }: Report): Failure => ({
  kind: 'usage',
  message: `The workspace is not trusted, so what ${join(folder, 'report.json')} names is not read: the image ${input.path} and the weights ${options?.weights ?? model.path ?? model.name}.`,
  fix: 'Trust the workspace with the command “Workspaces: Manage Workspace Trust”, or analyze the image itself.',
  remedies: [{ do: 'trust-workspace' }],
});
