/** A client that writes bytes: what other editors send, as they send it, without a library that would make it right. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root, testCache } from '../support/cli';

export interface RawMessage {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: {
    readonly message?: string;
    readonly items?: readonly unknown[];
    readonly type?: number;
  };
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface RawClient {
  readonly sendBytes: (bytes: string | Buffer) => void;
  /** One message under a header as most clients write it. */
  readonly send: (message: object) => void;
  /** The next message that fits, also of those that have come already; rejects after 20 seconds. */
  readonly next: (fits: (message: RawMessage) => boolean) => Promise<RawMessage>;
  readonly received: readonly RawMessage[];
  /** Lets go of what has come, except for what was logged. */
  readonly forget: () => void;
  /** Lines that the server logged. */
  readonly log: () => readonly string[];
  readonly pid: number;
  readonly stderr: () => string;
  /** Closes its input and waits for the exit code. */
  readonly end: () => Promise<number | null>;
}

export interface RawOptions {
  /** How it answers the server's requests; undefined lets them wait for ever. By default it knows none of them. */
  readonly answer?: (request: RawMessage) => object | undefined;
  readonly cwd?: string;
  /** Folder of the model store and all that is cached. */
  readonly cache?: string;
  /** Besides this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

const unknownMethod = () => ({ error: { code: -32601, message: 'MethodNotFound' } });

export function rawClient({
  answer = unknownMethod,
  cwd = root,
  cache = testCache,
  env = {},
}: RawOptions = {}): RawClient {
  const child = spawn(process.execPath, [join(root, 'dist', 'server.js'), '--stdio'], {
    stdio: 'pipe',
    cwd,
    env: { ...process.env, INFERENCE_LENS_CACHE: cache, ...env },
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const received: RawMessage[] = [];
  const waiting = new Set<() => void>();
  const sendBytes = (bytes: string | Buffer): void => void child.stdin.write(bytes);
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    sendBytes(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  let rest = Buffer.alloc(0);
  child.stdout.on('data', (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const header = /^Content-Length: (\d+)\r\n\r\n/.exec(rest.toString('latin1', 0, 64));
      const end = (header?.[0].length ?? 0) + Number(header?.[1] ?? 0);
      if (header === null || rest.length < end) break;
      const message = JSON.parse(rest.toString('utf8', header[0].length, end)) as RawMessage;
      rest = rest.subarray(end);
      received.push(message);
      if (message.method !== undefined && message.id !== undefined) {
        const answered = answer(message);
        if (answered !== undefined) send({ id: message.id, ...answered });
      }
      for (const look of waiting) look();
    }
  });
  const next: RawClient['next'] = (fits) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`No such message; received ${JSON.stringify(received).slice(0, 3000)} ${stderr}`));
      }, 120_000);
      const look = (): void => {
        const found = received.find(fits);
        if (found === undefined) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const forgotten: string[] = [];
  const log = (): readonly string[] => [
    ...forgotten,
    ...received.flatMap(({ method, params }) =>
      method === 'window/logMessage' ? [params?.message ?? ''] : [],
    ),
  ];
  const forget = (): void => {
    forgotten.splice(0, Infinity, ...log());
    received.length = 0;
  };
  const end = async (): Promise<number | null> => {
    const exited = once(child, 'exit');
    child.stdin.end();
    return ((await exited) as [number | null])[0];
  };
  return { sendBytes, send, next, received, forget, log, pid: child.pid ?? 0, stderr: () => stderr, end };
}
