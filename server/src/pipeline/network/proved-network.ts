/** What a loaded network proves of its own inference, for lenses to be compared with. */
import type { InputLayout, InputType } from '../../../../protocol/lens';
import type { Proved as ProvedLens, TakenValues } from '../../lens/values';
import type { Proved } from './onnx/proved';
import type { About } from './prepare';
import type { Weights } from './weights';

/** A network's name in errors: `best.onnx (onnx)`. */
export const networkName = ({ name }: Pick<Weights, 'name'>, architecture: string): string =>
  `${name} (${architecture})`;

/** Networks that are built here take any requested size. */
export function provedBy(
  about: Pick<About, 'architecture' | 'classes' | 'logits' | 'inputShape' | 'proved'>,
  weights: Pick<Weights, 'name'>,
): ProvedLens {
  const { architecture, classes, logits, inputShape, proved } = about;
  const [, channels = 3, height = 0, width = 0] = inputShape;
  const common = {
    subject: networkName(weights, architecture),
    channels,
    ...{ classes, logits },
    size: [height, width],
  } as const;
  if (proved === null)
    return {
      ...common,
      layout: 'NCHW',
      type: 'float32',
      sizeIsFixed: false,
      outputs: [],
      labels: null,
      normalizes: null,
      takes: null,
      activation: null,
      tensorflow: null,
    };
  const { input, output, normalization, range, tensorflow } = proved;
  return {
    ...common,
    layout: input.layout satisfies InputLayout,
    type: input.type as InputType,
    sizeIsFixed: input.height !== null && input.width !== null,
    outputs: [output.name, ...output.others],
    labels: output.labels,
    tensorflow,
    activation: output.activation,
    takes: takenValues(proved),
    normalizes: range ?? (normalization === null ? null : 'other'),
  };
}

/** A mean below this share of the deviation counts as zero. */
const NO_MEAN = 1e-3;

/** Operators that are trained with the network, so that their constants prove nothing about the picture. */
const TRAINED: ReadonlySet<string> = new Set(['BatchNormalization', 'Conv']);

function takenValues({ input, normalization, range }: Proved): TakenValues | null {
  if (range === null) return null;
  if (!/float/.test(input.type))
    return { range, because: `reads "${input.name}" as ${input.type}`, whole: true, centers: false };
  if (normalization === null || normalization.operators.some((operator) => TRAINED.has(operator)))
    return null;
  const { operators, mean, std } = normalization;
  return {
    range,
    because: `normalizes "${input.name}" itself (${operators.join(', ')})`,
    whole: false,
    centers: mean.some((value, c) => Math.abs(value) > NO_MEAN * Math.abs(std[c] ?? 1)),
  };
}
