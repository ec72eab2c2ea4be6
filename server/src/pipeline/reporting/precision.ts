/** The report on a file that does not compute in float32: its logits beside those of the float equivalent, and their distance. */
import type { BeyondRangeReport, PrecisionReport } from '../../../../protocol/report';
import type { BeyondRange, PrecisionResult, SampleResult } from '../../explain/decode';
import type { Activation } from '../network/activation';
import { classify, labelAt } from '../network/classify';
import { real } from '../steps/tensor';

const NAMES = { float16: 'computes in 16-bit floats', quantized: 'is quantized' } as const;

export function describePrecision(
  { logits, beyond }: Pick<SampleResult, 'logits' | 'beyond'>,
  { kind, equivalent, failure }: PrecisionResult,
  activation: Activation,
  threshold: number,
  labels: readonly string[],
): PrecisionReport {
  // The equivalent's own probabilities are not stored: its class follows from its logits.
  const decided = (values: Float32Array): number | null =>
    classify({ logits: values, probabilities: null }, { ...activation, probabilities: null }, threshold)
      .predicted;
  const [file, float] = [failure === null ? decided(logits) : null, decided(equivalent)];
  const distance = failure === null ? relativeDistance(logits, equivalent) : null;
  const beyondRange = beyond === undefined ? null : describeBeyond(beyond);
  const sameClass = file === null || float === null ? null : file === float;
  return {
    kind,
    fileLogits: failure === null ? Array.from(logits, real) : null,
    floatLogits: Array.from(equivalent, real),
    distance,
    sameClass,
    ...(beyondRange === null ? {} : { beyondRange }),
    description: sentence(),
  };

  function cutOff(): string {
    if (beyondRange?.most == null) return '';
    const { tensors, of, most } = beyondRange;
    return (
      ` The file cuts off values of ${tensors} of ${of} quantized tensors, at most ${Number((100 * most.share).toPrecision(2))}% of one ("${most.tensor}"); ` +
      'the equivalent does not, so gradients pass there too.'
    );
  }

  function sentence(): string {
    const begin = `The file ${NAMES[kind]}; heatmaps and statistics of layers are those of its float32 equivalent, for the same class.${cutOff()}`;
    if (failure !== null)
      return `${begin} The verdict is the equivalent's too: onnxruntime cannot run the file as it is (${oneLine(failure)}).`;
    const apart =
      distance === null
        ? 'no finite distance'
        : `a relative L2 distance of ${Number(distance.toPrecision(3))}`;
    const verdict = `Verdict and probabilities are the file's own; the equivalent's logits are at ${apart} from its logits.`;
    if (sameClass !== false) return `${begin} ${verdict}`;
    const [own, other] = [file, float].map((index) => labelAt(labels, index ?? 0));
    return `${begin} ${verdict} The equivalent predicts "${other}" instead of "${own}": its maps may not show what the file saw.`;
  }
}

/** Rounding of the mean of ones. */
const OF_ROUNDING = 1e-6;

function describeBeyond(counted: readonly BeyondRange[]): BeyondRangeReport {
  const beyond = counted.filter(({ share }) => share > OF_ROUNDING);
  const [most] = beyond.toSorted((a, b) => b.share - a.share);
  return {
    ...{ tensors: beyond.length, of: counted.length },
    most: most === undefined ? null : { tensor: most.name, share: most.share },
  };
}

/** |a - b| / |a|, Euclidean; null where that is not a number. */
function relativeDistance(a: Float32Array, b: Float32Array): number | null {
  let [difference, length] = [0, 0];
  a.forEach((value, i) => {
    difference += (value - (b[i] ?? NaN)) ** 2;
    length += value ** 2;
  });
  const distance = Math.sqrt(difference / length);
  return Number.isFinite(distance) ? distance : null;
}

/** The runtime's messages have line breaks and end in periods of their own. */
const oneLine = (message: string): string => message.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 300);
