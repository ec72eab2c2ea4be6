/** Runs a lens's steps on a generated picture: what the lint rules find, each with its quick fixes. */
import type { LensPath, LensRepair } from '../../../../protocol/lens-check';
import type { Report, StepReport } from '../../../../protocol/report';
import type { RgbImage } from '../../imaging/image';
import { requireShape } from '../../lens/constraints';
import type { FittedLens } from '../choose-lens';
import { wholeImage } from '../face/crop';
import { describePreprocess } from '../reporting/describe';
import type { Lint } from '../reporting/warnings/lint';
import { LINT_RULES } from '../reporting/warnings/lint';
import { prepareInput } from '../steps/preprocess';
import type { Size } from '../steps/step';
import type { InspectedNetwork } from './networks';

export interface LensLint extends Lint {
  readonly path: LensPath;
  readonly repairs: readonly LensRepair[];
}

/** Of the generated picture. */
export const LINT_SIZE: Size = { width: 640, height: 480 };

/** Ramps from 0 to 255, of another direction in each channel. */
function picture({ width, height }: Size): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [right, down] = [x / Math.max(width - 1, 1), y / Math.max(height - 1, 1)];
      data.set(
        [right, down, (right + down) / 2].map((value) => Math.round(255 * value)),
        (y * width + x) * 3,
      );
    }
  return { width, height, data };
}

export function inputSize({ inputShape: [, , height = 0, width = 0] }: InspectedNetwork): Size {
  return { width, height };
}

/**
 * @param size of the generated picture
 * @throws LensError of kind `usage` where the steps do not produce the network's input
 */
export function lintSteps(
  lens: FittedLens,
  network: InspectedNetwork,
  size: Size = LINT_SIZE,
): readonly LensLint[] {
  const prepared = prepareInput(wholeImage(picture(size)), lens, inputSize(network));
  requireShape(prepared.tensor.dims, network.inputShape, lens.prepared.subject, 'the network');
  const preprocess = describePreprocess(prepared, lens);
  const facts = {
    preprocess,
    detection: { crop: { box: [0, 0, size.width, size.height] } } as unknown as Report['detection'],
    model: { architecture: network.architecture },
  };
  return LINT_RULES.flatMap(({ find }) => find(facts)).map((lint) => ({
    ...lint,
    path: placeOf(lint),
    repairs: repairsOf(lint, preprocess.steps),
  }));
}

/** The step that the finding is about; the last of several. */
const placeOf = ({ code, steps }: Lint): LensPath => {
  if (code === 'value-range') return ['input', 'range'];
  const step = steps.at(-1);
  return step === undefined ? ['preprocess'] : ['preprocess', step];
};

function repairsOf({ code, steps: [...about] }: Lint, steps: readonly StepReport[]): readonly LensRepair[] {
  const last = about.at(-1);
  const insert = (title: string, at: number, value: object): LensRepair => ({
    ...{ do: 'insert', title, value },
    path: ['preprocess', at],
  });
  switch (code) {
    case 'normalized-twice':
      return last === undefined
        ? []
        : [
            {
              do: 'remove',
              title: `Remove step ${last + 1}, which normalizes again`,
              path: ['preprocess', last],
            },
          ];
    case 'scale-doubt':
      return last === undefined || steps[last]?.config.step !== 'rescale'
        ? []
        : [
            {
              do: 'remove',
              title: `Remove step ${last + 1}, which rescales again`,
              path: ['preprocess', last],
            },
          ];
    case 'not-rescaled': {
      const first = steps.findIndex(({ config }) => config.step === 'normalize');
      return [
        insert('Insert a step that rescales 0..255 to 0..1', first < 0 ? steps.length : first, {
          ...{ step: 'rescale', factor: 1 / 255 },
        }),
      ];
    }
    case 'channel-order-doubt': {
      const at = last ?? steps.length;
      const order = steps.at(last ?? -1)?.channels[0]?.channel === 'blue' ? 'RGB' : 'BGR';
      return [
        insert(`Insert a step that puts the channels into the order ${order}`, at, {
          step: 'channels',
          order,
        }),
      ];
    }
    case 'not-antialiased':
      return last === undefined ? [] : antialiased(last, steps[last]?.config);
    default:
      return [];
  }
}

/** OpenCV has no antialiasing; Pillow always has it, torch only when asked. */
function antialiased(step: number, config: StepReport['config'] | undefined): readonly LensRepair[] {
  if (config?.step !== 'resize') return [];
  const { like, antialias } = config;
  const set = (title: string, key: string, value: unknown): readonly LensRepair[] => [
    { do: 'set', title, path: ['preprocess', step, key], value },
  ];
  if (like === 'torch') return set('Set antialias to true', 'antialias', true);
  if (like !== 'opencv' || antialias !== undefined) return [];
  return set('Resize like Pillow, which antialiases', 'like', 'pillow');
}
