/** A debugger for tests, over the protocol that VS Code speaks: breakpoints by TypeScript file and line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'undici';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
}

/** A line of a TypeScript file, found by its text, so that tests survive edits around it. */
export interface Place {
  /** Absolute, with slashes. */
  readonly file: string;
  /** From 0. */
  readonly line: number;
}

export function placeOf(path: string, text: string): Place {
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((each) => each.includes(text));
  if (line < 0) throw new Error(`${path} has no line with ${text}`);
  return { file: path.replaceAll('\\', '/'), line };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Attached to a process that waits for it. */
export class Debugger {
  private next = 0;
  private readonly answers = new Map<number, (result: unknown) => void>();
  private readonly heard: Message[] = [];
  private listener: (() => void) | null = null;

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.id !== undefined) this.answers.get(message.id)?.(message.result);
      else this.heard.push(message);
      this.listener?.();
    });
  }

  /** Asks until something listens on the port. */
  static async attach(port: number): Promise<Debugger> {
    for (;;) {
      const targets = await fetch(`http://127.0.0.1:${port}/json/list`)
        .then((answer) => answer.json() as Promise<readonly { readonly webSocketDebuggerUrl: string }[]>)
        .catch(() => []);
      const [target] = targets;
      if (target === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const socket = new WebSocket(target.webSocketDebuggerUrl);
      await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
      const made = new Debugger(socket);
      await made.ask('Runtime.enable');
      await made.ask('Debugger.enable');
      return made;
    }
  }

  ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.next;
    const answer = new Promise((resolve) => this.answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  /** A breakpoint in a bundle that its source map leads to. */
  async breakInBundle(bundle: string, place: Place): Promise<void> {
    const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')) as SourceMapPayload);
    const { lineNumber } = generatedPlace(map, place);
    const urlRegex = `${bundle.replace(/^.*[\\/]/, '').replaceAll('.', '\\.')}$`;
    await this.ask('Debugger.setBreakpointByUrl', { lineNumber, urlRegex });
  }

  /** A file that is compiled as it is loaded, as `tsx` does: its address, and where a place of it stands in what is run. */
  async loaded(place: Place): Promise<{ url: string; lineNumber: number; columnNumber: number }> {
    const script = await this.event('Debugger.scriptParsed', ({ url }) => pathOf(String(url)) === place.file);
    const { url, sourceMapURL } = script as { readonly url: string; readonly sourceMapURL: string };
    const json = Buffer.from(sourceMapURL.replace(/^data:[^,]*,/, ''), 'base64').toString();
    return { url, ...generatedPlace(new SourceMap(JSON.parse(json) as SourceMapPayload), place) };
  }

  /** Lets a process go that waits for a debugger. */
  async go(): Promise<void> {
    await this.ask('Runtime.runIfWaitingForDebugger');
  }

  /** The next event of that name. */
  async event(method: string, fits: (params: Record<string, unknown>) => boolean = () => true) {
    for (;;) {
      const at = this.heard.findIndex((each) => each.method === method && fits(each.params ?? {}));
      if (at >= 0) return this.heard.splice(at, 1)[0]?.params ?? {};
      await new Promise<void>((resolve) => (this.listener = resolve));
    }
  }

  /** Resolves with the function in which it stopped at a breakpoint. */
  async stopped(): Promise<string> {
    const { hitBreakpoints, callFrames } = (await this.event(
      'Debugger.paused',
      ({ hitBreakpoints: hit }) => Array.isArray(hit) && hit.length > 0,
    )) as {
      readonly hitBreakpoints: readonly string[];
      readonly callFrames: readonly { functionName: string }[];
    };
    return hitBreakpoints.length > 0 ? (callFrames[0]?.functionName ?? '') : '';
  }

  resume(): Promise<unknown> {
    return this.ask('Debugger.resume');
  }

  close(): void {
    this.socket.close();
  }
}

interface Entry {
  readonly originalSource?: string;
  readonly originalLine?: number;
}

/** Lines and columns of generated text that are looked at; what compiles as it loads may write everything on one line. */
const MOST_LINES = 200_000;
const MOST_COLUMNS = 20_000;

/** Where the place's first statement stands in the generated text. */
function generatedPlace(map: SourceMap, { file, line }: Place): { lineNumber: number; columnNumber: number } {
  const lines = map.payload.mappings.split(';');
  for (let lineNumber = 0; lineNumber < Math.min(lines.length, MOST_LINES); lineNumber++) {
    if (lines[lineNumber] === '') continue;
    const columns = lines.length < 50 ? MOST_COLUMNS : 40;
    for (let columnNumber = 0; columnNumber < columns; columnNumber++) {
      const { originalSource = '', originalLine } = map.findEntry(lineNumber, columnNumber) as Entry;
      if (originalLine === line && file.endsWith(originalSource.replace(/^(file:\/\/|\.\.?\/)+/, '')))
        return { lineNumber, columnNumber };
    }
  }
  throw new Error(`Nothing that is run comes from ${file}:${line + 1}.`);
}

/** A Node that waits for a debugger before its first line. */
export function waiting(port: number, args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, [`--inspect-wait=127.0.0.1:${port}`, ...args], {
    cwd,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
const pathOf = (url: string): string =>
  (url.startsWith('file:') ? fileURLToPath(url) : url).replaceAll('\\', '/');
