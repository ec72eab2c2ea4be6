/** States of the report panel that several tests begin from: a report in view, a run that has begun, raw maps that come. */
import type { Failure } from '../../protocol/failure';
import type { ToPanel } from '../../protocol/panel';
import type { Report } from '../../protocol/report';
import { firstState, receive, type PanelState } from '../../webview/src/state/panel';

export const image = '/images/a.png';

export const face = { box: [1, 2, 3, 4], score: 0.9 };

export const report = {
  ...{ input: { path: image, sha256: 'a' }, methods: ['gradcam'] },
  detection: { detector: 'blazeface', faces: [face] },
  layers: [],
} as unknown as Report;

export const failure: Failure = { kind: 'image', code: 'image', message: 'no face', fix: null };

export const shown = receive(firstState, { type: 'report', folder: '/r', base: 'base', report, stale: [] });

export const begun = receive(firstState, { type: 'loading', image, progress: null });

/** The state after a run has published a part of its report. */
export const part = (state: PanelState, partial: object): PanelState =>
  receive(state, { type: 'partial', folder: '/run', base: 'x', report: partial });

export const slices = [{ offset: 8, width: 1, height: 1 }];

export const maps = (folder: string): ToPanel => ({
  type: 'maps',
  folder,
  slices,
  bytes: new ArrayBuffer(4),
});
