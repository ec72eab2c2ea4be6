/** From pixels to the tensor through a list of steps, recording every step. */
import type { Range } from '../../../../protocol/report';
import type { FilledStep } from '../../../../protocol/steps';
import { STEPS } from '../../../../protocol/steps';
import { LensError } from '../../errors';
import type { RgbImage } from '../../imaging/image';
import type { Kernels } from '../../imaging/kernels';
import type { Tensor } from '../../runtime/session';
import { pictureOf, seenPicture } from './picture';
import { composed, IN_PLACE } from './placement';
import { STEP_KINDS } from './registry';
import type { ChannelStatistics } from './statistics';
import { rangeOfPlane, statisticsOf } from './statistics';
import type {
  ChannelName,
  Fact,
  Pixels,
  Placement,
  Planes,
  StepContext,
  StepKind,
  StepOutcome,
  StepPicture,
  StepRun,
  Value,
} from './step';
import { toFloat } from './step';

/** One recorded step. Nothing here is computed or drawn before it is requested. */
export class RecordedStep {
  private statisticsKnown: readonly ChannelStatistics[] | undefined;

  constructor(
    readonly config: FilledStep,
    readonly before: Value,
    private readonly outcome: StepOutcome<unknown>,
    private readonly kernels: Kernels,
  ) {}

  get title(): string {
    return STEPS[this.config.step].title;
  }

  /** The value that the step made, raw planes included. */
  get after(): Value {
    return this.outcome.value;
  }

  get placement(): Placement | null {
    return this.outcome.placement ?? null;
  }

  get detail(): unknown {
    return this.outcome.detail;
  }

  /** [channels, height, width]. */
  get shape(): readonly [number, number, number] {
    const { channels, height, width } = this.after;
    return [channels.length, height, width];
  }

  get statistics(): readonly ChannelStatistics[] {
    return (this.statisticsKnown ??= statisticsOf(this.after, this.kernels));
  }

  /** Of a plane that the step computed on its way. */
  rangeOf(plane: Float32Array): Range {
    return rangeOfPlane(plane, this.kernels);
  }

  get facts(): readonly Fact[] {
    return this.kind.facts(this.run);
  }

  /** The step's own, or the value itself. */
  get pictures(): readonly StepPicture[] {
    const own = this.kind.pictures?.(this.run);
    return own ?? [{ name: 'output', title: this.title, draw: () => pictureOf(this.after) }];
  }

  private get kind(): StepKind {
    return kindOf(this.config);
  }

  private get run(): StepRun<FilledStep['step'], unknown> {
    const { config, before, after, detail } = this;
    return { config, before, after, detail };
  }
}

export interface StepsResult {
  /** [1, C, H, W]: the planes one after another. */
  readonly tensor: Extract<Tensor, { type: 'float32' }>;
  /** Of the tensor, in its order. */
  readonly channels: readonly ChannelName[];
  readonly recorded: readonly RecordedStep[];
  /** From the pixels that came in to the tensor's. */
  readonly placement: Placement;
  /** What the network sees, as a picture of the tensor's size, under the heatmaps. */
  readonly seen: RgbImage;
}

/**
 * @param configs checked: see `checkSteps`; pixels that are still 8 bits at the end reach the network as 0..255
 * @throws LensError of kind `usage`, naming the step, if one of them cannot be applied to this picture
 */
export function runSteps(pixels: Pixels, configs: readonly FilledStep[], context: StepContext): StepsResult {
  const recorded: RecordedStep[] = [];
  const held = new HeldBytes(pixels);
  let value: Value = pixels;
  let placement = IN_PLACE;
  for (const [index, config] of configs.entries()) {
    const outcome = naming(config, index, () => {
      const made = kindOf(config).run(value, config, context);
      held.add(made.value);
      return made;
    });
    recorded.push(new RecordedStep(config, value, outcome, context.kernels));
    ({ value } = outcome);
    if (outcome.placement !== undefined) placement = composed(placement, outcome.placement);
  }
  const planes = toFloat(value);
  const { channels } = planes;
  return { tensor: stacked(planes), channels, recorded, placement, seen: seenPicture(pixels, recorded) };
}

/** Bytes of all recorded values together: a lens is an untrusted file, and may have many steps. */
const MOST_BYTES = 256 * 2 ** 20;

/** Counts the bytes of values besides the input pixels; shared planes count once. */
class HeldBytes {
  private readonly seen = new Set<ArrayBufferLike>();
  private bytes = 0;

  constructor(pixels: Pixels) {
    this.seen.add(pixels.data.buffer);
  }

  /** @throws LensError of kind `usage` where they are more than `MOST_BYTES` */
  add(value: Value): void {
    for (const { buffer } of value.type === 'uint8' ? [value.data] : value.planes) {
      if (!this.seen.has(buffer)) this.bytes += buffer.byteLength;
      this.seen.add(buffer);
    }
    if (this.bytes <= MOST_BYTES) return;
    const { width, height } = value;
    throw new LensError(
      'usage',
      `the steps so far hold ${megabytes(this.bytes)} of pixels, more than ${megabytes(MOST_BYTES)}; the picture is ${width} x ${height} here (width x height).`,
      { fix: 'Resize or crop the picture in an earlier step.' },
    );
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** The kind of a config: types cannot follow the registry's ids through a union. */
const kindOf = (config: FilledStep): StepKind => STEP_KINDS[config.step];

/** Adds the step's position to its errors, so that its line in the lens can be found. */
function naming<T>({ step }: FilledStep, index: number, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    const { kind, message, fix, remedies } = thrown;
    throw new LensError(kind, `Step ${index + 1} (${step}): ${message}`, {
      cause: thrown,
      remedies,
      ...(fix === undefined ? {} : { fix }),
    });
  }
}

function stacked({ width, height, planes }: Planes): StepsResult['tensor'] {
  const size = width * height;
  const data = new Float32Array(planes.length * size);
  planes.forEach((plane, channel) => data.set(plane, channel * size));
  return { type: 'float32', dims: [1, planes.length, height, width], data };
}
