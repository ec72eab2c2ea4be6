/** A breakpoint in TypeScript stops each process that .vscode/launch.json debugs, the first time its line is reached. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Supervisor } from '../../server/src/engine/supervisor';
import { root } from '../support/cli';
import { Debugger, freePort, placeOf, waiting } from '../support/inspector';
import { temporaryFolder } from '../support/temp';

const folder = temporaryFolder('debugging');
const bundle = (name: string): string => join(root, 'dist', `${name}.js`);
const skip = existsSync(`${bundle('cli')}.map`) ? false : 'npm run build makes the bundles and their maps';
const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill('SIGKILL')));

async function launched(args: readonly string[]): Promise<Debugger> {
  const port = await freePort();
  children.push(waiting(port, args, root));
  return Debugger.attach(port);
}

async function stopsIn(name: string, args: readonly string[], source: string, line: string): Promise<string> {
  const attached = await launched(args);
  await attached.breakInBundle(bundle(name), placeOf(join(root, source), line));
  await attached.go();
  const stopped = await attached.stopped();
  attached.close();
  return stopped;
}

test('command line', { skip }, async () => {
  const line = 'const [name, ...rest] = args;';
  assert.match(await stopsIn('cli', [bundle('cli'), '--version'], 'server/src/cli/main.ts', line), /^main/);
});

test('server', { skip }, async () => {
  const line = 'const given = args.map';
  assert.match(
    await stopsIn('server', [bundle('server'), '--version'], 'server/src/lsp/main.ts', line),
    /^main/,
  );
});

test(
  'extension, in a host that has only as much of the editor as `activate` reads first',
  { skip },
  async () => {
    const host = join(folder, 'host.cjs');
    const anything = `new Proxy(class {}, { get: (it, key) => key === 'prototype' ? it.prototype : key === Symbol.toPrimitive ? () => '' : anything, apply: () => anything, construct: () => ({}) })`;
    writeFileSync(
      host,
      `const Module = require('node:module');
     const anything = ${anything};
     const load = Module._load;
     Module._load = (name, ...rest) => (name === 'vscode' ? anything : load(name, ...rest));
     require(${JSON.stringify(bundle('client'))}).activate({});`,
    );
    const line = 'const log = window.createOutputChannel(';
    assert.match(await stopsIn('client', [host], 'client/src/extension.ts', line), /^activate/);
  },
);

test('engine: its first job, which waits for the debugger', { skip }, async () => {
  const port = await freePort();
  const engine = new Supervisor({
    enginePath: bundle('engine'),
    inspect: `--inspect-wait=127.0.0.1:${port}`,
  });
  const answer = engine.run('first', { kind: 'listModels' });
  const attached = await Debugger.attach(port);
  await attached.breakInBundle(
    bundle('engine'),
    placeOf(join(root, 'server/src/engine/main.ts'), 'running = { job, controller };'),
  );
  await attached.go();
  assert.match(await attached.stopped(), /^run/);
  await attached.resume();
  assert.ok(Array.isArray(await answer));
  attached.close();
  await engine.dispose();
});

test('one test file, whose lines are where its own map says', { skip }, async () => {
  const file = join(root, 'test', 'unit', 'short-files.test.ts');
  const place = placeOf(file, 'const folder = join(projectRoot()');
  const args = ['--import', 'tsx', file];
  const first = await launched(args);
  await first.go();
  const at = await first.loaded(place);
  first.close();
  const second = await launched(args);
  await second.ask('Debugger.setBreakpointByUrl', at);
  await second.go();
  await second.stopped();
  second.close();
});
