/** Installing CUDA libraries through the built server: planned, watched, cancelled, twice at once, and cut short. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { cancel, doctor, installCuda, planCuda, progress } from '../../protocol/requests';
import { cudaProvider } from '../../server/src/runtime/cuda/install';
import { runtimeVersion } from '../../server/src/runtime/devices';
import { testCache } from '../support/cli';
import { CudaMachine, standard } from '../support/cuda-machine';
import { nupkg, serving, target } from '../support/cuda-package';
import { HOST, nuget, packageHost, type PackageHost, type Routes } from '../support/nuget';
import { until } from '../support/processes';
import { temporaryFolder } from '../support/temp';
import { installedExtension, type Installed } from './installed';
import { startServer, type RunningServer } from './server';
import { enginePids, failureOf, valueOf } from './watch';

const here = process.platform === 'linux' && process.arch === 'x64';
const skip = here ? false : 'the runtime has CUDA libraries for Linux on x64 only';
const temporary = temporaryFolder('lsp-cuda');
chmodSync(temporary, 0o755);
process.env['INFERENCE_LENS_CACHE'] = testCache;

const closing: (() => Promise<unknown>)[] = [];
after(() => Promise.all(closing.map((close) => close())));

async function hostWith(routes: Routes): Promise<PackageHost> {
  const host = await packageHost(temporary, routes);
  closing.push(() => host.close());
  return host;
}

const named = (folder: string): readonly string[] =>
  readdirSync(target(folder)).filter((name) => cudaProvider.files.some((file) => file === name));
const leftBehind = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.startsWith('.'));

/** A package that begins to come and does not go on until it is told to; then it is whole. */
function slowPackage(): {
  readonly routes: Routes;
  readonly send: () => void;
  readonly begun: () => boolean;
} {
  const bytes = nupkg();
  const waiting: ServerResponse[] = [];
  const routes = nuget(cudaProvider.package, runtimeVersion(), (response) => {
    response.writeHead(200, { 'content-length': String(bytes.length) });
    response.write(bytes.subarray(0, 100));
    waiting.push(response);
  });
  return {
    routes,
    begun: () => waiting.length > 0,
    send: () => {
      for (const response of waiting.splice(0)) response.end(bytes.subarray(100));
    },
  };
}

/** Messages of the jobs of this server, as they come. */
function messagesOf(server: RunningServer): string[] {
  const heard: string[] = [];
  server.connection.onNotification(progress.method, (now: { progress: { message: string } }) => {
    heard.push(now.progress.message);
  });
  return heard;
}

describe('on Linux x64', { skip }, () => {
  test('Doctor names the command, the plan names host and folder, and Doctor sees what was installed', async () => {
    const installed = installedExtension(temporary);
    const machine = new CudaMachine(temporary).driver('580.65.06').library(standard, 'libcuda.so.1');
    const place = join(machine.root, target(installed.runtime));
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(target(installed.runtime), place);
    const host = await hostWith(serving(nupkg()));
    const env = { ...host.env, INFERENCE_LENS_SYSTEM_ROOT: machine.root, LD_LIBRARY_PATH: '' };
    const server = await startServer({}, { root: installed.root, env });
    const providerLine = async () =>
      valueOf(await server.ask(doctor, {})).find(({ topic }) => topic === 'CUDA provider');

    const before = await providerLine();
    assert.equal(before?.state, 'warning');
    assert.equal(
      before.fix,
      'Run the command “Inference Lens: Install CUDA Libraries” (fetches about 250 MB).',
    );
    assert.deepEqual(before.remedies, [{ do: 'install-cuda' }]);
    assert.deepEqual(valueOf(await server.ask(planCuda, {})), {
      from: HOST,
      megabytes: 250,
      folder: target(installed.runtime),
    });

    const heard = messagesOf(server);
    assert.equal(valueOf(await server.ask(installCuda, { job: 'cuda' })), null);
    assert.ok(
      heard.some((line) => line.startsWith('Downloading')),
      heard.join('\n'),
    );
    assert.match(heard.at(-1) ?? '', /^Installed libonnxruntime_providers_cuda\.so and /);
    assert.equal(named(installed.runtime).length, 2);
    assert.deepEqual(leftBehind(installed.runtime), []);
    const { state, text } = (await providerLine()) ?? {};
    assert.deepEqual([state, text], ['ok', join(place, cudaProvider.files[0])]);
    assert.equal(await server.stop(), 0);
  });

  /** A server in the middle of an installation. */
  async function midway(installed: Installed = installedExtension(temporary)) {
    const slow = slowPackage();
    const host = await hostWith(slow.routes);
    const server = await startServer({}, { root: installed.root, env: host.env });
    const answer = server.ask(installCuda, { job: 'cuda' });
    answer.catch(() => undefined); // a server that is killed does not answer
    await until(slow.begun, 'the download begins');
    return { installed, host, server, answer, slow };
  }

  test('cancelled in the middle: nothing changed, nothing left, and lists still answer meanwhile', async () => {
    const { installed, server, answer } = await midway();
    valueOf(await server.ask(doctor, {}));
    await server.ask(cancel, { job: 'cuda' });
    assert.equal(failureOf(await answer).kind, 'cancelled');
    await until(() => leftBehind(installed.runtime).length === 0, 'its folder is gone');
    assert.deepEqual(named(installed.runtime), []);
    assert.equal(await server.stop(), 0);
  });

  for (const [name, end] of [
    ['closed', (server: RunningServer) => server.stop()],
    ['killed', (server: RunningServer) => Promise.resolve(server.process.kill('SIGKILL'))],
  ] as const)
    test(`a window that is ${name} in the middle leaves nothing, and the next one can install`, async () => {
      const { installed, server } = await midway();
      await end(server);
      await until(() => leftBehind(installed.runtime).length === 0, 'its folder is gone');
      assert.deepEqual(named(installed.runtime), []);
      const host = await hostWith(serving(nupkg()));
      const next = await startServer({}, { root: installed.root, env: host.env });
      valueOf(await next.ask(installCuda, { job: 'cuda' }));
      assert.equal(named(installed.runtime).length, 2);
      assert.equal(await next.stop(), 0);
    });

  test('two windows at once: the second waits, says for whom, and fetches nothing itself', async () => {
    const { installed, host, server, answer, slow } = await midway();
    const second = await startServer({}, { root: installed.root, env: host.env });
    const heard = messagesOf(second);
    const other = second.ask(installCuda, { job: 'cuda' });
    await until(() => heard.length > 0, 'the second says that it waits');
    const holder = enginePids(server).at(-1) ?? 0;
    assert.equal(heard[0], `Process ${holder} is installing the CUDA libraries: waiting for it.`);
    slow.send();
    assert.equal(valueOf(await answer), null);
    assert.equal(valueOf(await other), null);
    assert.equal(host.asked.filter((path) => path.endsWith('.nupkg')).length, 1);
    assert.equal(named(installed.runtime).length, 2);
    assert.deepEqual(leftBehind(installed.runtime), []);
    assert.deepEqual(await Promise.all([server.stop(), second.stop()]), [0, 0]);
  });

  test('a folder that cannot be written is refused before anything is asked or fetched', async () => {
    const installed = installedExtension(temporary);
    chmodSync(installed.runtime, 0o555);
    const host = await hostWith(serving(nupkg()));
    const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {};
    const server = await startServer({}, { root: installed.root, env: host.env, ...nobody });
    for (const answer of [await server.ask(planCuda, {}), await server.ask(installCuda, { job: 'cuda' })]) {
      const { kind, message, fix } = failureOf(answer);
      assert.equal(kind, 'output');
      assert.match(message, /^The CUDA libraries cannot be put into \/.*onnxruntime-node: EACCES/);
      assert.match(fix ?? '', /Let this user write to that folder/);
    }
    assert.deepEqual(host.asked, []);
    assert.equal(await server.stop(), 0);
  });

  test('a host that cannot be reached: why, and what to do', async () => {
    const installed = installedExtension(temporary);
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' };
    const server = await startServer({}, { root: installed.root, env });
    const { kind, message, fix } = failureOf(await server.ask(installCuda, { job: 'cuda' }));
    assert.equal(kind, 'device');
    assert.match(
      message,
      /could not be fetched from api\.nuget\.org: .*ECONNREFUSED.*Nothing was changed\.$/,
    );
    assert.match(fix ?? '', /set HTTPS_PROXY/);
    assert.equal(await server.stop(), 0);
  });
});

test(
  'elsewhere the plan says for what there are libraries',
  { skip: here && 'this is Linux on x64' },
  async () => {
    const server = await startServer();
    const { kind, message } = failureOf(await server.ask(planCuda, {}));
    assert.equal(kind, 'device');
    assert.match(message, /CUDA libraries for Linux on x64 only; this is /);
    assert.equal(await server.stop(), 0);
  },
);
