/** A report that comes from elsewhere names an image and weights; where the workspace is not trusted, neither is read for it. */
import { join } from 'node:path';
import type { Failure } from '../../../protocol/failure';
import type { Report } from '../../../protocol/report';
import { t } from '../l10n';

/** What is said instead, in the editor's words. The server refuses the same by itself (`lsp/trust.ts`). */
export const untrusted = (folder: string, { input, model, options }: Report): Failure => ({
  kind: 'usage',
  code: 'untrusted',
  message: t(
    'The workspace is not trusted, so what {0} names is not read: the image {1} and the weights {2}.',
    join(folder, 'report.json'),
    input.path,
    options?.weights ?? model.path ?? model.name,
  ),
  fix: t(
    'Trust the workspace with the command “Workspaces: Manage Workspace Trust”, or analyze the image itself.',
  ),
  remedies: [{ do: 'trust-workspace' }],
});
