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
