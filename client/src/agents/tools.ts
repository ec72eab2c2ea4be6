/** The tools that the editor's language models may call: the server answers, as it does `inference-lens mcp`. */
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { AGENT_TOOLS, editorToolName, type AgentTool, type ToolPart } from '../../../protocol/agent-tools';
import type { Failure } from '../../../protocol/failure';
import { callTool, cancel } from '../../../protocol/requests';
import type { Services } from '../services';

/** None where the editor has no such tools: forks of VS Code may lack them. */
export function registerTools(services: Services): readonly vscode.Disposable[] {
  const { registerTool } = (vscode as Partial<typeof vscode>).lm ?? {};
  if (typeof registerTool !== 'function') return [];
  return (Object.keys(AGENT_TOOLS) as AgentTool[]).map((id) =>
    vscode.lm.registerTool<object>(editorToolName(id), {
      prepareInvocation: ({ input }) => ({
        invocationMessage: `${AGENT_TOOLS[id].title}: ${subjectOf(input)}`,
      }),
      invoke: ({ input }, token) => invoke(services, id, input, token),
    }),
  );
}

/** @throws Error that tells the language model what is wrong and what to do */
async function invoke(
  { analyzer, connection }: Services,
  tool: AgentTool,
  input: object,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const job = randomUUID();
  const stopped = token.onCancellationRequested(() => void connection.ask(cancel, { job }));
  // Where the reports of the reader's own analyses go: not among the files of the workspace, unless a setting says so.
  const image = imageOf(input);
  const place = image === null ? {} : { options: { output: await analyzer.outputFolder(image) } };
  const outcome = await connection.ask(callTool, {
    ...{ job, tool, input: JSON.stringify(input) },
    ...place,
  });
  stopped.dispose();
  if (!outcome.ok) throw new Error(worded(outcome.failure));
  return new vscode.LanguageModelToolResult(outcome.value.parts.map(partOf));
}

/** Of the call, absolute; a relative one starts at the workspace folder, as in the server. Null where there is none. */
function imageOf(input: object): string | null {
  const image = (input as Readonly<Record<string, unknown>>)['image'];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  return typeof image === 'string' ? resolve(folder, image) : null;
}

const worded = ({ message, fix }: Failure): string => (fix === null ? message : `${message} ${fix}`);

interface DataParts {
  /** Of newer editors; some older ones have the class, and no way to make one. */
  readonly LanguageModelDataPart?: { readonly image?: (data: Uint8Array, type: string) => unknown };
}

/** For the language model, which would otherwise speak of a picture that it never saw. */
const NO_PICTURE =
  'The picture is left out: this version of the editor has no way to hand one on. Do not describe it; use the numbers, or show the user the report.';

/** A picture where the editor can hand one on, else that there is none. */
function partOf(part: ToolPart): vscode.LanguageModelTextPart {
  if (part.type === 'text') return new vscode.LanguageModelTextPart(part.text);
  const { LanguageModelDataPart: data } = vscode as unknown as DataParts;
  return typeof data?.image === 'function'
    ? (data.image(Buffer.from(part.data, 'base64'), part.mimeType) as vscode.LanguageModelTextPart)
    : new vscode.LanguageModelTextPart(NO_PICTURE);
}

/** What the call is about, for the person who watches. */
function subjectOf(input: object): string {
  const named = input as Readonly<Record<string, unknown>>;
  const subject = named['image'] ?? named['report'] ?? named['model'] ?? named['lens'];
  return typeof subject === 'string' ? (subject.split(/[\\/]/).at(-1) ?? subject) : '';
}
