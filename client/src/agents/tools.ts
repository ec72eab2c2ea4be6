/** The tools that the editor's language models may call: the server answers, as it does `inference-lens mcp`. */
import { randomUUID } from 'node:crypto';
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
  { connection }: Services,
  tool: AgentTool,
  input: object,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const job = randomUUID();
  const stopped = token.onCancellationRequested(() => void connection.ask(cancel, { job }));
  const outcome = await connection.ask(callTool, { job, tool, input: JSON.stringify(input) });
  stopped.dispose();
  if (!outcome.ok) throw new Error(worded(outcome.failure));
  return new vscode.LanguageModelToolResult(outcome.value.parts.flatMap(partOf));
}

const worded = ({ message, fix }: Failure): string => (fix === null ? message : `${message} ${fix}`);

interface DataParts {
  /** Of newer editors alone. */
  readonly LanguageModelDataPart?: { readonly image: (data: Uint8Array, type: string) => unknown };
}

/** A picture only where the editor can hand one on. */
function partOf(part: ToolPart): readonly vscode.LanguageModelTextPart[] {
  if (part.type === 'text') return [new vscode.LanguageModelTextPart(part.text)];
  const { LanguageModelDataPart: data } = vscode as unknown as DataParts;
  if (data === undefined) return [];
  return [data.image(Buffer.from(part.data, 'base64'), part.mimeType) as vscode.LanguageModelTextPart];
}

/** What the call is about, for the person who watches. */
function subjectOf(input: object): string {
  const named = input as Readonly<Record<string, unknown>>;
  const subject = named['image'] ?? named['report'] ?? named['model'] ?? named['lens'];
  return typeof subject === 'string' ? (subject.split(/[\\/]/).at(-1) ?? subject) : '';
}
