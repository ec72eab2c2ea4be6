/** Raw maps and pictures in the panel: which belong to the report in view, which are carried over to another target. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToPanel } from '../../../protocol/panel';
import { pictureAddress, stepAddress } from '../../../webview/src/state/addresses';
import { otherSlices } from '../../../webview/src/state/maps';
import { mapsFolder, receive, withOwnPictures, type PanelState } from '../../../webview/src/state/panel';
import { begun, failure, image, maps, part, report, shown, slices } from '../../support/panel-states';

test('raw maps of a run are those of its report', () => {
  const running = part(begun, { mapsFile: 'maps.bin' });
  assert.deepEqual([mapsFolder(running), mapsFolder(begun)], ['/run', null]);
  const full = receive(running, maps('/run'));
  const done = receive(full, { type: 'report', folder: '/r', base: 'b', report, stale: [] });
  assert.equal(done.maps, full.maps);
  assert.equal(receive(running, maps('/run-before')).maps.size, 0, 'of a run that another has replaced');
});

test('maps that come with the numbers of the layers are shown at once, but not in an earlier report', () => {
  const base64 = Buffer.alloc(4).toString('base64');
  const report = { mapsFile: 'maps.bin', maps: { slices, base64 } };
  const running = part(begun, report);
  assert.deepEqual([[...running.maps.keys()], running.partial], [[8], { mapsFile: 'maps.bin' }]);
  const again = part(receive(shown, { type: 'loading', image, progress: null }), report);
  assert.deepEqual([again.maps.size, again.coming], [0, null]);
});

const other = { ...report, input: { path: '/images/other.png' } } as unknown as typeof report;

test('a new report forgets maps and details of the old one', () => {
  const full = receive(shown, maps('/r'));
  assert.equal(full.maps.size, 1);
  const detailed = receive(full, { type: 'layerDetailsFailed', layer: 'fc', failure });
  const next = receive(detailed, { type: 'report', folder: '/s', base: 'b', report: other, stale: ['old'] });
  assert.deepEqual([next.maps.size, next.details.size, next.stale, next.folder], [0, 0, ['old'], '/s']);
});

test('a report of another target replaces the one in view with its maps, never without', () => {
  const full = receive(shown, maps('/r'));
  const second = { ...report };
  const waiting = receive(full, { type: 'report', folder: '/s', base: 'c', report: second, stale: [] });
  assert.deepEqual([waiting.report, waiting.folder, waiting.base], [full.report, full.folder, full.base]);
  assert.equal(waiting.maps, full.maps);
  const late = receive(waiting, maps('/r'));
  assert.equal(late.report, full.report, 'maps of the first are no sign of the second');
  const here = receive(waiting, maps('/s'));
  assert.deepEqual(
    [here.report === second, here.folder, here.base, here.maps.size, here.next],
    [true, '/s', 'c', 1, null],
  );
  const unread = receive(waiting, { type: 'mapsFailed', folder: '/s', failure });
  assert.deepEqual([unread.report === second, unread.maps.size, unread.mapsFailure], [true, 0, failure]);
  const gone = receive(here, maps('/r'));
  assert.equal(gone.maps, here.maps, 'what comes late for the first is not taken for the second');
});

test('maps of a run that came before its report are shown with it, and never before', () => {
  const full = receive(shown, maps('/r'));
  const running = part(receive(full, { type: 'loading', image, progress: null }), { mapsFile: 'maps.f32' });
  const early = receive(running, maps('/run'));
  assert.deepEqual([early.report, early.maps], [full.report, full.maps]);
  const second = { ...report };
  const coming = { type: 'report', folder: '/s', base: 'c', report: second, stale: [] } as const;
  const here = receive(early, coming);
  assert.deepEqual([here.report === second, here.maps === early.coming, here.next], [true, false, null]);
  assert.deepEqual([...here.maps], [...(early.coming ?? [])]);
  // Asked for, but the report was faster.
  const waiting = receive(running, coming);
  assert.equal(waiting.report, full.report);
  assert.equal(receive(waiting, maps('/run')).report, second);
  assert.equal(receive(waiting, { type: 'mapsFailed', folder: '/run', failure }).report, second);
  // A run that fails, or is replaced, leaves nothing behind for the next.
  const again = receive(early, { type: 'loading', image, progress: null });
  assert.equal(receive(again, maps('/run')).coming, null);
  const lost = receive(running, { type: 'mapsFailed', folder: '/run', failure });
  assert.deepEqual([lost.mapsFailure, receive(lost, coming).report === second], [null, true]);
  assert.equal(receive(again, coming).report, full.report);
});

test('pictures of the steps stay as they are loaded where another target has the same, until one is gone', () => {
  const next = (changed: object): PanelState => {
    const message = { type: 'report', folder: '/s', base: 'c', report: { ...report, ...changed }, stale: [] };
    const waiting = receive(receive(shown, maps('/r')), message as ToPanel);
    return receive(waiting, maps('/s'));
  };
  const here = next({ classifier: {} });
  assert.deepEqual([here.base, stepAddress(here, 'a b.png')], ['c', 'base/a%20b.png']);
  assert.equal(pictureAddress(here, 'x.png'), 'c/x.png', 'to be copied or saved');
  assert.equal(stepAddress(withOwnPictures(here), 'x.png'), 'c/x.png');
  for (const changed of [
    { input: { ...report.input, sha256: 'b' } },
    { detection: { ...report.detection, detector: 'box' } },
    { preprocess: { steps: [] } },
  ])
    assert.equal(stepAddress(next(changed), 'x.png'), 'c/x.png', JSON.stringify(changed));
});

test('only maps that the target changes are requested; the others go on to be shown', () => {
  const at = (offset: number) => ({ offset, width: 1, height: 1 });
  const made = (first: number, mean: number, sha256 = 'same') =>
    ({
      ...report,
      input: { path: image, sha256 },
      model: { name: 'net', sha256: 'weights' },
      layers: [
        { name: 'a', activation: { mean, picture: `${first}.png`, map: at(first) }, heatmaps: [] },
        { name: 'b', activation: { mean: 2, map: at(first + 4) }, heatmaps: [{ map: at(first + 8) }] },
      ],
    }) as unknown as typeof report;
  const known = new Map(
    [0, 4, 8].map((offset) => [offset, { width: 1, height: 1, data: Float32Array.of(offset) }]),
  );
  const offsets = (next: typeof report) =>
    otherSlices(made(0, 1), next, { maps: known, shown: new Set([0, 4, 8]) }).map(({ offset }) => offset);
  assert.deepEqual(offsets(made(100, 1)), [108]);
  assert.deepEqual(offsets(made(100, 1.5)), [100, 108], 'another activation');
  assert.deepEqual(offsets(made(100, 1, 'other')), [100, 104, 108], 'another picture');
  const full = receive(
    { ...shown, report: made(0, 1), maps: known },
    { type: 'report', folder: '/s', base: 'c', report: made(100, 1), stale: [] },
  );
  const here = receive(full, { ...maps('/s'), slices: [at(108)] } as ToPanel);
  assert.deepEqual(
    [...here.maps].map(([offset, { data }]) => [offset, data[0]]),
    [
      [100, 0],
      [104, 4],
      [108, 0],
    ],
  );
});

test('the maps that show the same of another report', () => {
  const at = (offset: number) => ({ offset, width: 1, height: 1 });
  const made = (first: number) =>
    ({
      ...report,
      layers: ['a', 'b'].map((name, i) => ({
        name,
        activation: { map: at(first + 100 * i) },
        heatmaps: [
          { method: 'gradcam', map: at(first + 100 * i + 10) },
          { method: 'hirescam', map: at(first + 100 * i + 20) },
        ],
      })),
    }) as unknown as typeof report;
  const shownOffsets = new Set([10, 100, 120]);
  const slices = otherSlices(made(0), made(5000), { maps: new Map(), shown: shownOffsets });
  assert.deepEqual(
    slices.map(({ offset }) => offset),
    [5010, 5100, 5120],
  );
});
