/** Neovim and Emacs with the built server and nothing else: what docs/editors.md promises of them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { encodeModel } from '../../server/src/onnx/write';
import { editorPackages, installDebianPackages } from '../e2e/vscode/install.mjs';
import { root, samplePath, testCache } from '../support/cli';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';

interface Editor {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

const EDITORS: readonly Editor[] = [
  {
    name: 'Neovim',
    program: '/usr/bin/nvim',
    args: ['--headless', '--clean', '-n', '-c', 'luafile test/lsp/neovim.lua'],
  },
  { name: 'Emacs', program: '/usr/bin/emacs', args: ['--batch', '--load', 'test/lsp/emacs.el'] },
];

/** Why they cannot be driven here; null where they can. */
let missing: string | null = null;
before(async () => {
  missing = await installDebianPackages(editorPackages).then(
    () => null,
    (error: unknown) => String(error),
  );
});

function workspace(name: string): { readonly place: string; readonly weights: string } {
  const place = join(temporaryFolder('editors'), name);
  mkdirSync(place);
  const weights = join(place, 'small.onnx');
  writeFileSync(weights, encodeModel(smallClassifier()));
  writeFileSync(join(place, 'wrong.lens.json'), '{\n  "labls": ["a"]\n}\n');
  writeFileSync(join(place, 'code.py'), 'image = cv2.imread("portrait.png")\n');
  cpSync(samplePath, join(place, 'portrait.png'));
  return { place, weights };
}

/** Its lines of JSON by what each says. */
async function drive(
  { program, args }: Editor,
  place: string,
  weights: string,
): Promise<Map<string, string>> {
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 90_000,
    env: {
      ...process.env,
      ...{ HOME: place, XDG_CONFIG_HOME: place, XDG_STATE_HOME: place, XDG_DATA_HOME: place },
      ...{ INFERENCE_LENS_CACHE: testCache, LENS_NODE: process.execPath },
      ...{ LENS_SERVER: join(root, 'dist', 'server.js'), LENS_PLACE: place, LENS_WEIGHTS: weights },
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const printed = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"what"'))
    .map((line) => JSON.parse(line) as { what: string; value: string });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return new Map(printed.map(({ what, value }) => [what, value]));
}

for (const editor of EDITORS)
  test(`${editor.name}: problems, hover, Analyze`, { timeout: 240_000 }, async (t) => {
    if (missing !== null) {
      t.skip(missing);
      return;
    }
    const { place, weights } = workspace(editor.name);
    const printed = await drive(editor, place, weights);
    assert.match(printed.get('problem') ?? '', /Did you mean "labels"\?/);
    assert.match(printed.get('hover') ?? '', /`portrait\.png`: \d+ x \d+ pixels/);
    const folder = printed.get('analyzed') ?? '';
    assert.ok(folder.startsWith(join(place, 'inference-lens-report')), folder);
    assert.ok(existsSync(join(folder, 'report.md')));
  });
