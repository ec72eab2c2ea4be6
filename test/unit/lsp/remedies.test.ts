/** Each door words what can be done in its own handles; the editor never names an option of the command line. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Failure, Remedy } from '../../../protocol/failure';
import { fixFor } from '../../../server/src/cli/remedies';
import { fromFailure, toFailure } from '../../../server/src/engine/failure';
import { LensError } from '../../../server/src/errors';
import { worded } from '../../../server/src/lsp/remedies';
import { projectRoot } from '../../../server/src/system/paths';
import { readManifest } from '../../support/manifest';

const error = new LensError('output', 'disk', { fix: 'Free some space.', remedies: ['other-folder'] });

test('one error, two wordings, also after it crossed a process boundary', () => {
  for (const same of [error, fromFailure(toFailure(error))]) {
    assert.equal(fixFor(same), 'Free some space. Choose another folder with --output.');
    assert.deepEqual(worded(toFailure(same)), {
      kind: 'output',
      code: 'output',
      message: 'disk',
      fix: 'Free some space. Choose another folder in the setting “Inference Lens: Output”.',
      remedies: [{ do: 'other-folder' }],
    });
  }
});

test('what the editor does not offer is skipped; nothing to do is nothing', () => {
  const box = new LensError('usage', 'box', { remedies: ['give-box'] });
  assert.match(fixFor(box) ?? '', /--box/);
  assert.equal(worded(toFailure(box)).fix, null);
  assert.equal(fixFor(new LensError('usage', 'x')), undefined);
});

test('a model is named in the command that removes it', () => {
  const taken = new LensError('usage', 'taken', { remedies: [{ do: 'remove-model', id: 'fsbi' }] });
  assert.match(fixFor(taken) ?? '', /models remove fsbi$/);
});

const all: Readonly<Record<Remedy['do'], true>> = {
  'give-box': true,
  'other-detector': true,
  'whole-image': true,
  'detector-size': true,
  'memory-limit': true,
  'other-folder': true,
  'other-device': true,
  cpu: true,
  doctor: true,
  'install-cuda': true,
  'restart-server': true,
  'other-activation': true,
  'choose-weights': true,
  'choose-pipeline': true,
  'choose-lens': true,
  'import-file': true,
  'demo-weights': true,
  'choose-architecture': true,
  'no-architecture': true,
  'no-state-dict': true,
  'map-labels': true,
  'other-root': true,
  'name-columns': true,
  'replace-evaluation': true,
  'evaluate-shard': true,
  'fetch-pictures': true,
  'other-queue': true,
  'fill-queue': true,
  'name-set': true,
  'queue-password': true,
  'no-queue-password': true,
  'name-ffmpeg': true,
  'other-picture-folder': true,
  'other-id': true,
  'trust-workspace': true,
  'choose-state-dict': true,
  'download-model': true,
  'remove-model': true,
};

describe('the editor', () => {
  const manifest = readManifest<{
    contributes: {
      commands: { title: string }[];
      configuration: { properties: Record<string, unknown> };
    };
  }>();
  const commands = manifest.contributes.commands.map(({ title }) => title);
  // VS Code titles a setting by its id: `inferenceLens.maxSize` is "Inference Lens: Max Size".
  const settings = Object.keys(manifest.contributes.configuration.properties).map((id) =>
    (id.split('.')[1] ?? '')
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .replace(/^./, (first) => first.toUpperCase()),
  );
  for (const name of Object.keys(all) as Remedy['do'][])
    test(`${name}: settings and commands that exist, no options`, () => {
      const remedy = { do: name, id: 'x', names: ['a', 'b'] } as Remedy;
      const failure: Failure = { kind: 'usage', code: 'usage', message: '', fix: null, remedies: [remedy] };
      const { fix } = worded(failure);
      assert.doesNotMatch(fix ?? '', /--[a-z]|inference-lens/);
      for (const [, kind, title] of (fix ?? '').matchAll(/the (setting|command) “Inference Lens: ([^”]+)”/g))
        assert.ok((kind === 'setting' ? settings : commands).includes(title ?? ''), title);
      assert.ok(fixFor({ fix: undefined, remedies: [remedy] }));
    });
});

test('no error outside of the command line names one of its options', () => {
  const source = join(projectRoot(), 'server', 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.startsWith('cli'),
  );
  const found = files.flatMap((name) =>
    readFileSync(join(source, name), 'utf8')
      .split('\n')
      .filter((line) => /\b(fix|LensError)\b.*(?<![\w-])--[a-z]/.test(line))
      .map((line) => `${name}: ${line.trim()}`),
  );
  assert.deepEqual(found, []);
});
