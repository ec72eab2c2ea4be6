/** The harness itself: each release of VS Code starts, lists the folder's files, and leaves no process behind. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { screenshot } from './screenshot';
import { launch } from './launch';

for (const version of ['1.99', '1.139'] as const) {
  test(`VS Code ${version} opens a folder in the browser`, { timeout: 180_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lens-workspace-'));
    await writeFile(join(folder, 'a b.txt'), 'text\n');
    const workbench = await launch({ version, workspace: folder });
    try {
      await workbench.page.locator('.explorer-folders-view').getByText('a b.txt').waitFor();
      await screenshot(workbench.page, `harness-${version}`);
      await workbench.reload();
      await workbench.page.locator('.explorer-folders-view').getByText('a b.txt').waitFor();
    } finally {
      await workbench.close();
      await rm(folder, { recursive: true });
    }
    assert.throws(() => process.kill(-workbench.server.pid, 0), { code: 'ESRCH' });
    await assert.rejects(stat(workbench.server.data), { code: 'ENOENT' });
  });
}
