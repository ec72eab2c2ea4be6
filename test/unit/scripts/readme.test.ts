/** The page that the package ships as its README: for people who install it, with links that lead somewhere. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageReadme } from '../../../scripts/package/readme.mjs';
import { root } from '../../support/cli';

const page = packageReadme(readFileSync(join(root, 'docs', 'marketplace.md'), 'utf8'));

test('its links are those of the root', () => {
  const targets = [...page.matchAll(/\]\(((?!https?:)[^)\s#]+)/g)].map(([, target = '']) => target);
  assert.ok(targets.length > 4);
  for (const target of targets) assert.ok(existsSync(join(root, target)), target);
  assert.equal(
    packageReadme('[a](../LICENSE) [b](https://x.y) ![c](images/d.png) [e](f.md#g) [h](#i)'),
    '[a](LICENSE) [b](https://x.y) ![c](docs/images/d.png) [e](docs/f.md#g) [h](#i)',
  );
});

test('it is for users: what it reads, privacy, limits, a picture that moves, and no commands of a checkout', () => {
  for (const heading of ['## Start in three steps', '## What it reads', '## Privacy', '## Limits'])
    assert.ok(page.includes(heading), heading);
  assert.doesNotMatch(page, /npm (run|test|ci)/);
  assert.match(page, /!\[[^\]]+\]\(docs\/images\/tour\.gif\)/);
  const { size } = statSync(join(root, 'docs', 'images', 'tour.gif'));
  assert.ok(size < 1_000_000, `${size} bytes`);
});
