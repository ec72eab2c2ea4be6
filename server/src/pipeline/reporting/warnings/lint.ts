/** What is unusual about how a picture was prepared: rules that read the recorded steps, each saying the number that caused it. */
import type { Report, StepReport } from '../../../../../protocol/report';
import type { FilledStep, StepId } from '../../../../../protocol/steps';
import type { WarningCode } from '../../../../../protocol/vocabulary';

export interface Lint {
  readonly code: WarningCode;
  readonly message: string;
}

type Facts = Pick<Report, 'preprocess' | 'detection'>;

/** A step as it was recorded, with its position from 1 and the size of the picture that came in. */
interface Passed<Id extends StepId> {
  readonly config: FilledStep<Id>;
  readonly position: number;
  readonly recorded: StepReport;
  readonly before: { readonly width: number; readonly height: number };
}

/** Above this a value is one of 0..255: normalized pictures stay within about -3..3, and Keras' own -128..151 have a mean. */
const MOST_SCALED = 16;

/** How many times smaller a picture may get before sampling it without a filter leaves patterns. */
const MOST_UNFILTERED = 2;

/** Means of normalizations whose order of channels is known. */
const KNOWN_MEANS: readonly {
  readonly of: string;
  readonly mean: readonly number[];
  readonly first: string;
}[] = [
  { of: 'ImageNet in RGB order (torchvision, timm)', mean: [0.485, 0.456, 0.406], first: 'red' },
  { of: 'ImageNet in RGB order, on the scale of 255', mean: [123.675, 116.28, 103.53], first: 'red' },
  { of: 'ImageNet in BGR order (Caffe)', mean: [103.939, 116.779, 123.68], first: 'blue' },
];

/** Libraries whose networks were trained on antialiased RGB pictures. */
const ANTIALIASED_RGB = /^(torchvision|timm)\//;

function passed<Id extends StepId>({ preprocess, detection }: Facts, id: Id): readonly Passed<Id>[] {
  const [x0, y0, x1, y1] = detection.crop.box;
  let before = { width: x1 - x0, height: y1 - y0 };
  const found: Passed<Id>[] = [];
  for (const [index, recorded] of preprocess.steps.entries()) {
    if (recorded.config.step === id)
      found.push({
        config: recorded.config as unknown as FilledStep<Id>,
        position: index + 1,
        recorded,
        before,
      });
    const [, height = 0, width = 0] = recorded.shape;
    before = { width, height };
  }
  return found;
}

/** Whether every pixel of the larger picture counts where it shrinks: Pillow's filters do, OpenCV's bilinear looks at four. */
const isFiltered = ({ antialias, like, filter }: FilledStep<'resize'>): boolean =>
  filter !== 'nearest' && (filter === 'area' || (antialias ?? like === 'pillow'));

export function normalizedTwice(facts: Facts): Lint | null {
  const all = passed(facts, 'normalize');
  const [first, second] = all;
  if (first === undefined || second === undefined) return null;
  return {
    code: 'normalized-twice',
    message: `The picture was normalized ${all.length} times, by the steps ${all.map(({ position }) => position).join(' and ')}.`,
  };
}

/** Levels of 0..255 at the end, which no step prepared on purpose: a mean or a deviation of that size does. */
export function notRescaled(facts: Facts): Lint | null {
  const { tensor, expectedRange, steps } = facts.preprocess;
  if (expectedRange !== null || steps.length === 0) return null; // then the range is compared with what is expected
  const { max } = tensor;
  if (typeof max !== 'number' || max <= MOST_SCALED) return null;
  const large = (value: number | readonly number[]): boolean =>
    [value].flat().some((number) => Math.abs(number) > MOST_SCALED);
  if (passed(facts, 'normalize').some(({ config }) => large(config.mean) || large(config.std))) return null;
  return {
    code: 'not-rescaled',
    message: `The network received values up to ${Number(max.toPrecision(4))}: no step rescales 0..255, and most networks were trained on less.`,
  };
}

export function channelOrderDoubt(facts: Facts): Lint | null {
  for (const { config, position, recorded } of passed(facts, 'normalize')) {
    const { mean } = config;
    const order = recorded.channels.map(({ channel }) => channel);
    if (typeof mean === 'number' || order.length !== 3) continue;
    const known = KNOWN_MEANS.find((one) =>
      mean.every((value, i) => Math.abs(value - (one.mean[i] ?? NaN)) < 0.01),
    );
    if (known !== undefined && order[0] !== known.first)
      return {
        code: 'channel-order-doubt',
        message:
          `Step ${position} normalizes with the mean of ${known.of}, but the channels come in the order ` +
          `${order.join(', ')}.`,
      };
  }
  return null;
}

/** Of networks that a library trained on antialiased RGB pictures. */
export function unlikeTraining(facts: Facts, architecture: string): readonly Lint[] {
  const library = ANTIALIASED_RGB.exec(architecture)?.[1];
  if (library === undefined) return [];
  const lints: Lint[] = [];
  const [firstChannel] = facts.preprocess.steps.at(-1)?.channels ?? [];
  if (firstChannel?.channel === 'blue')
    lints.push({
      code: 'channel-order-doubt',
      message: `The network received blue first; ${library}'s ${architecture.slice(library.length + 1)} was trained on RGB.`,
    });
  for (const { config, position, before, recorded } of passed(facts, 'resize')) {
    const [, height = 1, width = 1] = recorded.shape;
    const smaller = Math.min(before.width / width, before.height / height);
    if (!isFiltered(config) && smaller > MOST_UNFILTERED)
      lints.push({
        code: 'not-antialiased',
        message:
          `Step ${position} made the picture ${Number(smaller.toPrecision(3))} times smaller without antialiasing; ` +
          `${library} trains with it, and fine texture turns into patterns without.`,
      });
  }
  return lints;
}
