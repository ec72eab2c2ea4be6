/** A Redis server of Debian's package for one test file, on a port of its own, and a proxy before it that can stall. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installDebianPackages } from '../e2e/vscode/install.mjs';

const PROGRAM = '/usr/bin/redis-server';
const PACKAGES = [{ name: 'redis-server', file: PROGRAM }] as const;

/** Why there is none here; null where there is. */
export const redisMissing = (): Promise<string | null> =>
  installDebianPackages(PACKAGES).then(
    () => null,
    (error: unknown) => String(error),
  );

/** Kills the server when nobody holds the other end of standard input any more. */
const SHELL = '"$0" "$@" & server=$!; cat > /dev/null; kill -KILL $server; wait';

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** With SIGKILL: what its append-only file has is what it knows when it starts again. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Commands as redis-cli takes them, answered as text. */
  ask(...words: readonly string[]): Promise<string>;
}

/** Ends with this process, however that ends. */
export async function startRedis(folder: string, more: readonly string[] = []): Promise<TestRedis> {
  const place = mkdtempSync(join(folder, 'redis-'));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const options = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      place,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--loglevel',
      'warning',
    ];
    child = spawn('/bin/sh', ['-c', SHELL, PROGRAM, ...options, ...more], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    for (;;) {
      if ((await ask(port, ['PING']).catch(() => '')) !== '') return;
      await sleep(20);
    }
  };
  const kill = async (): Promise<void> => {
    const ended = child === null ? null : once(child, 'exit');
    child?.stdin?.end();
    await ended;
    child = null;
  };
  await start();
  return { port, url: `redis://127.0.0.1:${port}`, kill, start, ask: (...words) => ask(port, words) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** One command in the inline form of Redis's protocol; the first line of the answer. */
async function ask(port: number, words: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${words.join(' ')}\r\n`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString().split('\r\n')[0] ?? '';
  } finally {
    socket.destroy();
  }
}

export interface StallingProxy {
  readonly port: number;
  /** Nothing passes for so long; connections stay. */
  stall(ms: number): Promise<void>;
  close(): void;
}

export async function startProxy(to: number): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    stall: async (ms) => {
      const held = [...sockets];
      const hold = (socket: Socket): void => void socket.pause();
      server.on('connection', hold);
      held.forEach(hold);
      await sleep(ms);
      server.off('connection', hold);
      [...sockets].forEach((socket) => socket.resume());
    },
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

export interface Cutter {
  readonly port: number;
  /** Both connections end in the middle of the answer that goes beyond this many bytes. */
  cutAfter(bytes: number): void;
  isCut(): boolean;
  close(): void;
}

export async function startCutter(to: number): Promise<Cutter> {
  let left = Infinity;
  let isCut = false;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    const end = (): void => [client, upstream].forEach((socket) => socket.destroy());
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      client.write(data.subarray(0, left));
      left -= data.length;
      if (left > 0) return;
      [left, isCut] = [Infinity, true];
      client.end();
      upstream.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    cutAfter: (bytes) => {
      [left, isCut] = [bytes, false];
    },
    isCut: () => isCut,
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}
