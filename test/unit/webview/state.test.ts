/** What the panel shows after each message of the extension. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { QuickVerdict } from '../../../protocol/requests';
import { receive, shownReport } from '../../../webview/src/state/panel';
import { actionsFor } from '../../../webview/src/state/remedies';
import { isDrawn } from '../../../webview/src/state/rows';
import { begun, face, failure, image, part, report, shown } from '../../support/panel-states';

test('a report stays in view while the same image is analyzed again, also if that fails', () => {
  const running = receive(shown, { type: 'loading', image, progress: null });
  assert.equal(shownReport(running), report);
  assert.ok(running.running);
  const failed = receive(running, { type: 'failed', failure });
  assert.equal(shownReport(failed), report);
  assert.deepEqual([failed.running, failed.failure], [false, failure]);
});

test('an image that is gone is said to be gone, and cannot be opened', () => {
  const gone: Failure = { ...failure, code: 'no-file', message: 'There is no file /images/a.png.' };
  const details = receive(shown, { type: 'layerDetailsFailed', layer: 'fc', failure: gone }).details.get(
    'fc',
  );
  assert.ok(details?.state === 'failed');
  for (const failed of [receive(shown, { type: 'failed', failure: gone }).failure, details.failure]) {
    assert.equal(failed?.message, 'The image was deleted or moved.');
    assert.match(failed.fix ?? '', /^Put it back/);
    assert.deepEqual(actionsFor(failed), []);
  }
});

test('the faces and the report of the file stay known while its picture is edited', () => {
  assert.deepEqual([shown.hand.faces, shown.hand.plain], [[face], report]);
  const edited = {
    ...{ ...report, detection: { detector: 'box', faces: [{ box: [5, 6, 7, 8], score: null }] } },
    options: { box: [5, 6, 7, 8], strokes: [{ line: [[1, 2]], radius: 3, fill: { blur: 4 } }] },
  } as unknown as Report;
  const after = (next: Report) =>
    receive(shown, { type: 'report', folder: '/e', base: 'base', report: next, stale: [] }).hand;
  assert.deepEqual([after(edited).faces, after(edited).plain], [[face], report]);
  const other = { ...edited, input: { ...edited.input, sha256: 'b' } };
  assert.deepEqual([after(other).faces, after(other).plain], [[], null], 'of a file that has changed');
});

test('the last verdict of an edited picture stands, or why there is none', () => {
  const verdict = { classifier: {} } as unknown as QuickVerdict;
  const came = receive(shown, { type: 'verdict', asked: 3, verdict }).hand;
  assert.deepEqual(came.verdict, { asked: 3, value: verdict });
  const failed = receive({ ...shown, hand: came }, { type: 'verdictFailed', asked: 4, failure }).hand;
  assert.deepEqual([failed.verdict?.asked, failed.failure], [3, { asked: 4, value: failure }]);
});

test('another image takes the panel from nothing', () => {
  const running = receive(shown, { type: 'loading', image: '/images/b.png', progress: null });
  assert.deepEqual([running.report, shownReport(running)], [null, {}]);
});

test('first results come piece by piece and stay when the run ends without a report', () => {
  assert.deepEqual(shownReport(begun), {}, 'the panel has its shape before anything is known');
  const two = part(part(begun, { input: report.input }), { methods: ['gradcam'] });
  const known = { input: report.input, methods: ['gradcam'] };
  assert.deepEqual(shownReport(two), known);
  const failed = receive(two, { type: 'failed', failure });
  assert.deepEqual([shownReport(failed), failed.running, failed.failure], [known, false, failure]);
  assert.equal(shownReport(receive(begun, { type: 'failed', failure })), null);
});

test('a run that begins forgets what the one before it found out, one that goes on does not', () => {
  const one = part(begun, { input: report.input });
  const progress = { step: 'model', done: [], fraction: 0.2, message: 'x' } as const;
  assert.deepEqual(shownReport(receive(one, { type: 'loading', image, progress })), { input: report.input });
  assert.deepEqual(shownReport(receive(one, { type: 'loading', image, progress: null })), {});
  const again = receive(receive(one, { type: 'failed', failure }), { type: 'loading', image, progress });
  assert.deepEqual([shownReport(again), again.failure], [{}, null]);
});

test('an earlier report stays alone in view while parts of the next one come, also if that fails', () => {
  const running = part(receive(shown, { type: 'loading', image, progress: null }), { input: report.input });
  assert.deepEqual([shownReport(running), running.base], [report, 'base']);
  const failed = receive(running, { type: 'failed', failure });
  assert.deepEqual([shownReport(failed), failed.partial], [report, null]);
});

test('layers are replaced row by row; rows of which nothing is new stay the same', () => {
  const row = (name: string, blank: boolean | null) => ({ name, heatmaps: [{ blank }] });
  const all = part(begun, { layers: [row('a', null), row('b', null)] });
  const next = part(all, { layers: [row('b', false), row('stranger', false)] });
  assert.deepEqual(next.partial?.layers, [row('a', null), row('b', false)]);
  assert.equal(next.partial.layers[0], all.partial?.layers?.[0]);
  assert.deepEqual(next.partial.layers.map(isDrawn), [false, true]);
});

const slices = [{ offset: 8, width: 1, height: 1 }];
const maps = (folder: string): ToPanel => ({ type: 'maps', folder, slices, bytes: new ArrayBuffer(4) });

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

test('a screen reader hears one sentence a stage', () => {
  const classifier = { predicted: { index: 0, label: 'real' }, confidence: 0.928 };
  const progress = { step: 'pictures', done: [], fraction: 0.8, message: 'drawing block_3' } as const;
  let state = begun;
  const said = [announcement(state)];
  for (const message of [
    { type: 'partial', folder: '/run', base: 'x', report: { input: report.input } },
    { type: 'partial', folder: '/run', base: 'x', report: { detection: {}, preprocess: {} } },
    {
      type: 'partial',
      folder: '/run',
      base: 'x',
      report: { classifier, layers: [{ name: 'a', heatmaps: [] }] },
    },
    { type: 'loading', image, progress },
    {
      type: 'partial',
      folder: '/run',
      base: 'x',
      report: { layers: [{ name: 'a', heatmaps: [{ blank: false }] }] },
    },
    { type: 'report', folder: '/r', base: 'b', report: { ...report, classifier }, stale: [] },
  ] as unknown as readonly ToPanel[]) {
    state = receive(state, message);
    said.push(announcement(state));
  }
  assert.deepEqual(
    [...new Set(said)],
    [
      'Analyzing a.png.',
      'Input and preprocessing are shown. Heatmaps are being computed.',
      'Predicted real, 92.8%. The pictures of the layers are being drawn.',
      'The report of a.png is complete: predicted real, 92.8%.',
    ],
  );
  assert.equal(said.length, 7);
  assert.equal(announcement(receive(begun, { type: 'failed', failure })), '');
});

const other = { ...report, input: { path: '/images/other.png' } } as unknown as typeof report;

test('a new report forgets maps and details of the old one', () => {
  const full = receive(shown, maps('/r'));
  assert.equal(full.maps.size, 1);
  const detailed = receive(full, { type: 'layerDetailsFailed', layer: 'fc', failure });
  const next = receive(detailed, { type: 'report', folder: '/s', base: 'b', report: other, stale: ['old'] });
  assert.deepEqual([next.maps.size, next.details.size, next.stale, next.folder], [0, 0, ['old'], '/s']);
});

test('a report of another target takes the place of the one in view with its maps, never without', () => {
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

test('rows that a run has shown are the rows of its report', () => {
  const layers = ['a', 'b'].map((name) => ({ name, heatmaps: [{ blank: false }] }));
  const running = part(begun, { layers });
  const whole = {
    ...report,
    layers: [
      { name: 'a', heatmaps: [{ blank: false }] },
      { name: 'b', heatmaps: [{ blank: true }] },
    ],
  };
  const message = { type: 'report', folder: '/r', base: 'b', report: whole, stale: [] } as unknown as ToPanel;
  const { report: done } = receive(running, message);
  assert.deepEqual(done, whole);
  assert.deepEqual(
    done.layers.map((layer, i) => layer === running.partial?.layers?.[i]),
    [true, false],
  );
});
