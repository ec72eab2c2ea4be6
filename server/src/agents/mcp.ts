/**
 * The Model Context Protocol over lines of JSON-RPC 2.0: initialize, ping, tools/list, tools/call with progress and cancellation.
 * Source: modelcontextprotocol.io/specification, versions below. Everything else is answered with "method not found".
 */
import {
  AGENT_TOOLS,
  inputSchema,
  type AgentTool,
  type ToolAnswer,
  type ToolRow,
} from '../../../protocol/agent-tools';
import { asLensError, type LensError } from '../errors';
import { isTool } from './call';

/** The newest first; a client that asks for an unknown version is offered that. */
const VERSIONS = ['2025-06-18', '2025-03-26', '2024-11-05'] as const;

const ERRORS = { parse: -32700, request: -32600, method: -32601, params: -32602, internal: -32603 } as const;

/** Progress of a call, 0..1, and what it is doing. */
export type OnProgress = (fraction: number, message: string) => void;

export interface McpOptions {
  readonly version: string;
  readonly call: (
    tool: AgentTool,
    given: unknown,
    hooks: { readonly signal: AbortSignal; readonly progress: OnProgress },
  ) => Promise<ToolAnswer>;
  /** What went wrong and what to do, in a sentence or two. */
  readonly words: (error: LensError) => string;
  /** One message, without a line break. */
  readonly send: (message: object) => void;
}

type Id = string | number;
type Params = Readonly<Record<string, unknown>>;

interface Reply {
  readonly jsonrpc: '2.0';
  readonly id: Id | null;
  readonly result?: object;
  readonly error?: { readonly code: number; readonly message: string };
}

class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export class McpServer {
  private readonly calls = new Map<Id, AbortController>();

  constructor(private readonly options: McpOptions) {}

  /** Handles one line; never throws. Resolves once its request has been answered. */
  async receive(line: string): Promise<void> {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.options.send(refused(null, ERRORS.parse, 'expected a line of JSON'));
      return;
    }
    if (!Array.isArray(message)) {
      const reply = await this.answer(message);
      if (reply !== null) this.options.send(reply);
      return;
    }
    // Version 2025-03-26 has batches of messages, answered by one batch.
    if (message.length === 0)
      this.options.send(refused(null, ERRORS.request, 'expected a message, found none'));
    const replies = (await Promise.all(message.map((each) => this.answer(each)))).filter(
      (reply) => reply !== null,
    );
    if (replies.length > 0) this.options.send(replies);
  }

  /** Stops all calls in progress, which are then not answered. */
  stop(): void {
    for (const call of this.calls.values()) call.abort();
  }

  private async answer(message: unknown): Promise<Reply | null> {
    if (!isRecord(message) || message['jsonrpc'] !== '2.0')
      return refused(null, ERRORS.request, 'expected a message of JSON-RPC 2.0');
    const { id, method, params } = message;
    if (typeof method !== 'string')
      // A response; this server sends no requests.
      return 'result' in message || 'error' in message
        ? null
        : refused(idOf(id), ERRORS.request, 'expected a method');
    const given = isRecord(params) ? params : {};
    if (id === undefined) {
      this.notified(method, given);
      return null;
    }
    const known = idOf(id);
    if (known === null) return refused(null, ERRORS.request, 'expected an id that is a string or a number');
    return this.asked(known, method, given);
  }

  private async asked(id: Id, method: string, params: Params): Promise<Reply | null> {
    try {
      switch (method) {
        case 'initialize':
          return answered(id, this.initialize(params));
        case 'ping':
          return answered(id, {});
        case 'tools/list':
          return answered(id, { tools: TOOLS });
        case 'tools/call': {
          const result = await this.call(id, params);
          return result === null ? null : answered(id, result);
        }
        default:
          throw new Refusal(ERRORS.method, `There is no method ${JSON.stringify(method.slice(0, 80))}.`);
      }
    } catch (thrown) {
      if (thrown instanceof Refusal) return refused(id, thrown.code, thrown.message);
      return refused(id, ERRORS.internal, asLensError(thrown).message);
    }
  }

  private notified(method: string, params: Params): void {
    const { requestId } = params;
    if (
      method === 'notifications/cancelled' &&
      (typeof requestId === 'string' || typeof requestId === 'number')
    )
      this.calls.get(requestId)?.abort();
  }

  /**
   * Answers with the version that the client asks for if it is known, else with the newest, which the client
   * may refuse.
   */
  private initialize({ protocolVersion }: Params): object {
    return {
      protocolVersion: VERSIONS.find((version) => version === protocolVersion) ?? VERSIONS[0],
      capabilities: { tools: {} },
      serverInfo: { name: 'inference-lens', title: 'Inference Lens', version: this.options.version },
      instructions:
        'Analyzes image classifiers on this machine: verdict, layers, class activation maps, preprocessing. ' +
        'Say what a heatmap highlights, never that the network decided because of it.',
    };
  }

  /** Null if it was canceled: the protocol expects no answer then. */
  private async call(id: Id, { name, arguments: given = {}, _meta: meta }: Params): Promise<object | null> {
    if (typeof name !== 'string' || !isTool(name))
      throw new Refusal(
        ERRORS.params,
        `There is no tool ${typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : 'without a name'}. Tools are ${Object.keys(AGENT_TOOLS).join(', ')}.`,
      );
    if (this.calls.has(id)) throw new Refusal(ERRORS.request, `A call with the id ${id} is already running.`);
    const controller = new AbortController();
    this.calls.set(id, controller);
    const { signal } = controller;
    try {
      const { parts } = await this.options.call(name, given, { signal, progress: this.progress(meta) });
      return signal.aborted ? null : { content: parts, isError: false };
    } catch (thrown) {
      if (signal.aborted) return null;
      return { content: [{ type: 'text', text: this.options.words(asLensError(thrown)) }], isError: true };
    } finally {
      this.calls.delete(id);
    }
  }

  /** Progress has to increase with each notification. */
  private progress(meta: unknown): OnProgress {
    const { progressToken } = isRecord(meta) ? meta : {};
    if (typeof progressToken !== 'string' && typeof progressToken !== 'number') return () => undefined;
    let last = -1;
    return (progress, message) => {
      if (progress <= last) return;
      last = progress;
      const params = { progressToken, progress, total: 1, message };
      this.options.send({ jsonrpc: '2.0', method: 'notifications/progress', params });
    };
  }
}

const TOOLS = Object.entries<ToolRow>(AGENT_TOOLS).map(([name, row]) => ({
  ...{ name, title: row.title, description: row.description, inputSchema: inputSchema(row) },
  annotations: { title: row.title, readOnlyHint: true, openWorldHint: false },
}));

const isRecord = (value: unknown): value is Params =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const idOf = (id: unknown): Id | null => (typeof id === 'string' || typeof id === 'number' ? id : null);

const answered = (id: Id, result: object): Reply => ({ jsonrpc: '2.0', id, result });

const refused = (id: Id | null, code: number, message: string): Reply => ({
  ...{ jsonrpc: '2.0', id, error: { code, message } },
});
