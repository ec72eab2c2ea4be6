/** What the editor is told about this project: every configuration names what exists, and ports are those that processes listen on. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { INSPECT_PORTS } from '../../server/src/lsp/engines';
import { root } from '../support/cli';

interface Configuration {
  readonly name: string;
  readonly request: 'launch' | 'attach';
  readonly port?: number;
  readonly program?: string;
  readonly preLaunchTask?: string;
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { configurations, compounds } = read('.vscode/launch.json') as {
  readonly configurations: readonly Configuration[];
  readonly compounds: readonly { readonly configurations: readonly string[] }[];
};
const { tasks } = read('.vscode/tasks.json') as {
  readonly tasks: readonly { label: string; script?: string }[];
};

test('tasks run scripts that exist', () => {
  const { scripts } = read('package.json') as { readonly scripts: Readonly<Record<string, string>> };
  for (const { script } of tasks) assert.ok(script === undefined || script in scripts, script);
});

test('configurations name tasks, programs and each other', () => {
  const names = configurations.map(({ name }) => name);
  for (const { configurations: together } of compounds)
    for (const name of together) assert.ok(names.includes(name), name);
  for (const { preLaunchTask: task } of configurations)
    assert.ok(task === undefined || tasks.some(({ label }) => label === task), task);
  // Of bundles, that which esbuild.mjs makes.
  const builder = readFileSync(join(root, 'esbuild.mjs'), 'utf8');
  for (const { program = '' } of configurations) {
    const path = program.replace('${workspaceFolder}/', '');
    const bundle = /^dist\/(\w+)\.js$/.exec(path)?.[1];
    assert.ok(
      bundle === undefined
        ? path === '' || path === '${file}' || existsSync(join(root, path))
        : builder.includes(bundle),
    );
  }
});

test('debuggers attach where server and engine listen', () => {
  const port = (name: string) => configurations.find((each) => each.name === name)?.port;
  assert.equal(port('Engine'), INSPECT_PORTS.compute);
  const connection = readFileSync(join(root, 'client/src/server/connection.ts'), 'utf8');
  assert.match(connection, new RegExp(`INSPECT_PORT = ${port('Server')};`));
});
