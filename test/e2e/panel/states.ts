/** The messages that lead the panel to each of its states, for pictures and for checks of accessibility. */
import type { ToPanel } from '../../../protocol/panel';
import type { LayerReport, Report } from '../../../protocol/report';
import type { PartialLayer, PartialReport } from '../../../protocol/requests';
import { portrait } from './fixture';

export const loading: ToPanel = { type: 'loading', image: portrait, progress: null };
const explaining: ToPanel = {
  type: 'loading',
  image: portrait,
  progress: {
    step: 'explain',
    done: ['input', 'detection', 'crop', 'wavelet', 'model'],
    fraction: 0.55,
    message: 'Grad-CAM of 44 layers on cpu',
  },
};
const cancelled: ToPanel = {
  type: 'failed',
  failure: { kind: 'cancelled', code: 'cancelled', message: 'Cancelled.', fix: null },
};
const crashed: ToPanel = {
  type: 'failed',
  failure: {
    kind: 'internal',
    code: 'internal',
    message: 'The engine process was killed (signal SIGKILL), as the system does when memory runs out.',
    fix: 'Try again: a new engine starts by itself.',
  },
};

const undrawn = (layer: LayerReport): PartialLayer => ({
  ...layer,
  heatmaps: layer.heatmaps.map((heatmap) => ({ ...heatmap, blank: null })),
  health: layer.health.filter((mark) => mark !== 'blank-cam'),
});

/** What the engine tells of a run, in order. */
function stages(report: Report, base: string) {
  const { input, detection, preprocess, classifier, model, device, target, methods, layers, mapsFile } =
    report;
  const partial = (part: PartialReport): ToPanel => ({ type: 'partial', folder: '/run', base, report: part });
  const [untrained, ...others] = report.warnings;
  const first = untrained ? [untrained] : [];
  return {
    input: partial({ input, device, methods, warnings: first }),
    steps: partial({ detection, preprocess, warnings: [...first, ...others.slice(0, 1)] }),
    model: partial({ model }),
    numbers: partial({ target, classifier, mapsFile, layers: layers.map(undrawn) }),
    half: partial({ layers: layers.slice(0, 20) }),
  };
}

export type State = (typeof STATES)[number];
const STATES = [
  'waiting',
  'stage-input',
  'stage-steps',
  'stage-numbers',
  'stage-half',
  'failed-later',
  'cancelled-later',
  'complete',
  'stale',
  'retarget',
  'failed',
  'failed-device',
  'cancelled',
  'empty',
] as const;

/** @param folder absolute path of the report's; @param base address of its pictures */
export function messagesOf(
  report: Report,
  folder: string,
  base: string,
): Readonly<Record<State, readonly ToPanel[]>> {
  const complete = { type: 'report', folder, base, report, stale: [] } as const satisfies ToPanel;
  const { input, steps, model, numbers, half } = stages(report, base);
  const looking: ToPanel = {
    type: 'loading',
    image: portrait,
    progress: { step: 'detection', done: ['input'], fraction: 0.06, message: 'looking for faces' },
  };
  return {
    waiting: [loading],
    'stage-input': [loading, input, looking],
    'stage-steps': [loading, input, steps, model, explaining],
    'stage-numbers': [loading, input, steps, model, explaining, numbers],
    'stage-half': [loading, input, steps, model, explaining, numbers, half],
    'failed-later': [loading, input, steps, explaining, crashed],
    'cancelled-later': [loading, input, explaining, cancelled],
    complete: [complete],
    stale: [{ ...complete, stale: ['The image has changed since.'] }],
    retarget: [complete, explaining],
    failed: [loading, noFace],
    'failed-device': [loading, noDevice],
    cancelled: [loading, cancelled],
    empty: [{ type: 'empty', reason: 'The report that was shown here is gone.' }],
  };
}

const noFace: ToPanel = {
  type: 'failed',
  failure: {
    kind: 'image',
    message: `${portrait}: no face was found (BlazeFace full-range, score at least 0.6).`,
    fix:
      'Try another detector in the setting “Inference Lens: Detector”. ' +
      'Analyze the whole image if it is a face crop already.',
    code: 'no-face',
    remedies: [{ do: 'give-box' }, { do: 'other-detector' }, { do: 'whole-image' }],
  },
};

const noDevice: ToPanel = {
  type: 'failed',
  failure: {
    kind: 'device',
    code: 'device',
    message:
      'The cuda device is not available: driver 580.65.06, NVIDIA L4; but the runtime’s CUDA libraries are not installed.',
    fix:
      'Run the command “Inference Lens: Install CUDA Libraries” (fetches about 250 MB). ' +
      'Choose another device, or auto, with the command “Inference Lens: Select Device...”.',
    remedies: [{ do: 'install-cuda' }, { do: 'other-device' }],
  },
};

export const STATE_NAMES: readonly State[] = STATES;
