/** docs/editor.md names every command and every setting with its default, and nothing that is gone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../server/src/system/paths';
import { readManifest } from '../../support/manifest';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}

const read = (...path: readonly string[]): string => readFileSync(join(projectRoot(), ...path), 'utf8');
const { commands, configuration } = readManifest<Manifest>().contributes;
const page = read('docs', 'editor.md');

for (const { command, title } of commands) {
  test(`command ${command}`, () => assert.ok(page.includes(`**${title}** (\`${command}\`)`)));
}

for (const [name, { default: value }] of Object.entries(configuration.properties)) {
  const shown = value === '' ? 'empty' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
  test(`setting ${name}`, () => assert.ok(page.includes(`| \`${name}\` | ${shown} |`), `default ${shown}`));
}

test('nothing that is gone', () => {
  const known = new Set([
    ...commands.map(({ command }) => command),
    ...Object.keys(configuration.properties),
  ]);
  const named = [...page.matchAll(/`(inferenceLens\.\w+)`/g)].map(([, name = '']) => name);
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
});
