/** What is unusual about how a picture was prepared: rules over the recorded steps, each quoting the number that triggered it. */
import type { Report, StepReport } from '../../../../../protocol/report';
import type { FilledStep, StepId } from '../../../../../protocol/steps';
import type { WarningCode } from '../../../../../protocol/vocabulary';
import { centers, reachOf } from '../../../lens/reach';

export interface Lint {
  readonly code: WarningCode;
  readonly message: string;
  /** Indices of the steps concerned, from 0; none where a step is missing. */
  readonly steps: readonly number[];
}

type Facts = Pick<Report, 'preprocess' | 'detection'>;

/** A step as it was recorded, with its position from 1 and the size of the picture that came in. */
interface Passed<Id extends StepId> {
  readonly config: FilledStep<Id>;
  readonly position: number;
  readonly recorded: StepReport;
  /** Largest absolute input value for any picture. */
  readonly most: number;
  readonly before: { readonly width: number; readonly height: number };
}

/** Above this, values are on the scale 0..255: normalized pictures stay within about -3..3, and Keras' own -128..151 have a mean. */
const MOST_SCALED = 16;

/** Values up to here are 0..1 or normalized from there: subtracting a mean of 0..255 is a mistake. */
const MOST_UNIT = 4;

/** Downscaling factor above which sampling without a filter causes aliasing. */
const MOST_UNFILTERED = 2;

/** Of ImageNet in RGB order, on the scale 0..1; CLIP's and Caffe's rounded ones are within `SAME_MEAN` of it. */
const IMAGENET = [0.485, 0.456, 0.406] as const;
/** Relative: 123 is 123.675, and red is 6% from green. */
const SAME_MEAN = 0.02;

/** The channel order in which a mean is ImageNet's, on any scale; null for another mean. */
function orderOfMean(mean: readonly number[]): 'red' | 'blue' | null {
  const scale = Math.max(...mean) > 1 ? 255 : 1;
  const fits = (known: readonly number[]): boolean =>
    known.every((value, i) => Math.abs((mean[i] ?? NaN) / (value * scale) - 1) < SAME_MEAN);
  if (fits(IMAGENET)) return 'red';
  return fits(IMAGENET.toReversed()) ? 'blue' : null;
}

/** Libraries whose networks were trained on antialiased RGB pictures. */
const ANTIALIASED_RGB = /^(torchvision|timm)\//;

function passed<Id extends StepId>({ preprocess, detection }: Facts, id: Id): readonly Passed<Id>[] {
  const [x0, y0, x1, y1] = detection.crop.box;
  let before = { width: x1 - x0, height: y1 - y0 };
  const found: Passed<Id>[] = [];
  const steps = preprocess.steps.map(({ config }) => config);
  for (const [index, recorded] of preprocess.steps.entries()) {
    if (recorded.config.step === id)
      found.push({
        config: recorded.config as unknown as FilledStep<Id>,
        position: index + 1,
        recorded,
        most: Math.max(...reachOf(steps.slice(0, index)).map(Math.abs)),
        before,
      });
    const [, height = 0, width = 0] = recorded.shape;
    before = { width, height };
  }
  return found;
}

/** Whether downscaling uses every pixel of the larger picture: Pillow's filters do, OpenCV's bilinear reads four. */
const isFiltered = ({ antialias, like, filter }: FilledStep<'resize'>): boolean =>
  !filter.startsWith('nearest') && (filter === 'area' || (antialias ?? like === 'pillow'));

function normalizedTwice({ preprocess: { steps } }: Facts): Lint | null {
  const positions = steps.flatMap(({ config }, index) => (centers(config) ? [index + 1] : []));
  if (positions.length < 2) return null;
  return {
    code: 'normalized-twice',
    message: `The picture was normalized ${positions.length} times, by the steps ${positions.join(' and ')}.`,
    steps: positions.map((position) => position - 1),
  };
}

/** A mean of 0..255 subtracted from 0..1, or values 0..1 rescaled again: little is left of the picture. */
function scaleDoubt(facts: Facts): Lint | null {
  for (const { config, position, most } of passed(facts, 'normalize')) {
    const mean = Math.max(...[config.mean].flat().map(Math.abs));
    if (mean > MOST_SCALED && most <= MOST_UNIT)
      return {
        code: 'scale-doubt',
        message:
          `Step ${position} subtracts a mean of up to ${mean}, on the scale 0..255, from values of up to ` +
          `${short(most)}: almost nothing of the picture is left.`,
        steps: [position - 1],
      };
  }
  const again = passed(facts, 'rescale').find(
    ({ config, most }) => Math.abs(config.factor) * MOST_SCALED < 1 && most <= MOST_UNIT,
  );
  if (again === undefined) return null;
  return {
    code: 'scale-doubt',
    message:
      `Step ${again.position} rescales values of up to ${short(again.most)} once more, by ` +
      `${short(again.config.factor)}: almost nothing of the picture is left.`,
    steps: [again.position - 1],
  };
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** Values of 0..255 at the end that no step made on purpose, as a mean or deviation of that size does. */
function notRescaled(facts: Facts): Lint | null {
  const { tensor, expectedRange, steps } = facts.preprocess;
  if (expectedRange !== null) return null; // then the range is compared with the expected one
  const [, most] = reachOf(steps.map(({ config }) => config));
  const { max } = tensor;
  if (typeof max !== 'number' || most <= MOST_SCALED) return null;
  const large = (value: number | readonly number[]): boolean =>
    [value].flat().some((number) => Math.abs(number) > MOST_SCALED);
  if (passed(facts, 'normalize').some(({ config }) => large(config.mean) || large(config.std))) return null;
  return {
    code: 'not-rescaled',
    message: `The network received values up to ${short(max)}: no step rescales 0..255, and most networks were trained on less.`,
    steps: [],
  };
}

/** Float32 may exceed an exact bound in its last digit, and lenses state theirs with three decimals. */
const ROUNDING = 1e-3;

/** A network that takes 0..255 and is given 0..1 sees black, whatever the picture. */
const LEAST_SHARE = 1 / 32;

/** The tensor is outside the range that the network saw in training, or covers next to nothing of it. */
function beyondTraining({
  preprocess: { tensor, expectedRange, steps },
}: Pick<Facts, 'preprocess'>): Lint | null {
  if (expectedRange === null || typeof tensor.min !== 'number' || typeof tensor.max !== 'number') return null;
  const [low, high] = expectedRange;
  const [least, most] = reachOf(steps.map(({ config }) => config));
  const flat = most - least < (high - low) * LEAST_SHARE;
  if (tensor.min >= low - ROUNDING && tensor.max <= high + ROUNDING && !flat) return null;
  return {
    code: 'value-range',
    message:
      `The network received values from ${short(tensor.min)} to ${short(tensor.max)}; ` +
      `in training it saw ${low} to ${high}.`,
    steps: [],
  };
}

function channelOrderDoubt(facts: Facts): Lint | null {
  for (const { config, position, recorded } of passed(facts, 'normalize')) {
    const { mean } = config;
    const order = recorded.channels.map(({ channel }) => channel);
    if (typeof mean === 'number' || order.length !== 3) continue;
    const known = orderOfMean(mean);
    if (known !== null && order[0] !== known)
      return {
        code: 'channel-order-doubt',
        message:
          `Step ${position} normalizes with ImageNet's mean in ${known === 'red' ? 'RGB' : 'BGR'} order ` +
          `(${mean.join(', ')}), but the channels come in the order ${order.join(', ')}.`,
        steps: [position - 1],
      };
  }
  return null;
}

/** For networks that a library trained on antialiased RGB pictures. */
function unlikeTraining(facts: Facts, architecture: string): readonly Lint[] {
  const library = ANTIALIASED_RGB.exec(architecture)?.[1];
  if (library === undefined) return [];
  const lints: Lint[] = [];
  const [firstChannel] = facts.preprocess.steps.at(-1)?.channels ?? [];
  if (firstChannel?.channel === 'blue')
    lints.push({
      code: 'channel-order-doubt',
      message: `The network received blue first; ${library}'s ${architecture.slice(library.length + 1)} was trained on RGB.`,
      steps: [],
    });
  for (const { config, position, before, recorded } of passed(facts, 'resize')) {
    const [, height = 1, width = 1] = recorded.shape;
    const smaller = Math.max(before.width / width, before.height / height);
    if (!isFiltered(config) && smaller > MOST_UNFILTERED)
      lints.push({
        code: 'not-antialiased',
        message:
          `Step ${position} made the picture ${Number(smaller.toPrecision(3))} times smaller without antialiasing; ` +
          `${library} trains with it. Without it, fine texture turns into moiré patterns.`,
        steps: [position - 1],
      });
  }
  return lints;
}

type LintFacts = Facts & { readonly model: Pick<Report['model'], 'architecture'> };

export interface LintRule {
  readonly needs: readonly (keyof LintFacts)[];
  readonly find: (facts: LintFacts) => readonly Lint[];
}

/** A rule can read only what it names. */
const lint = <Need extends keyof LintFacts>(
  needs: readonly Need[],
  find: (facts: Pick<LintFacts, Need>) => Lint | null | readonly Lint[],
): LintRule => ({ needs, find: (facts) => [find(facts) ?? []].flat() });

/** Every rule: reports and the check of lenses go through these. */
export const LINT_RULES: readonly LintRule[] = [
  lint(['preprocess', 'detection'], normalizedTwice),
  lint(['preprocess', 'detection'], notRescaled),
  lint(['preprocess', 'detection'], scaleDoubt),
  lint(['preprocess', 'detection'], channelOrderDoubt),
  lint(['preprocess', 'detection', 'model'], (facts) => unlikeTraining(facts, facts.model.architecture)),
  lint(['preprocess'], beyondTraining),
];
