/** What the panel remembers of its view over a reload. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstView, reviveView } from '../../../webview/src/state/view';

test('what was kept over a reload comes back where it makes sense', () => {
  const view = {
    ...firstView,
    layer: 'fc',
    mode: 'both' as const,
    wipe: 0.2,
    sort: { key: 'mean' as const, falling: true },
  };
  assert.deepEqual(reviveView(JSON.parse(JSON.stringify(view))), view);
  for (const junk of [null, 7, 'x', [], { mode: 'x', wipe: 9, sort: 3, layer: {}, method: 'y', filter: 1 }]) {
    assert.deepEqual(reviveView(junk), firstView, JSON.stringify(junk));
  }
});
