/** What a loaded network proves of its own inference, for lenses to be compared with. */
import type { InputLayout, InputType } from '../../../../protocol/lens';
import type { Proved as ProvedLens } from '../../lens/values';
import type { About } from './prepare';
import type { Weights } from './weights';

/** How errors call a network: `best.onnx (onnx)`. */
export const networkName = ({ name }: Pick<Weights, 'name'>, architecture: string): string =>
  `${name} (${architecture})`;

/** Networks that are built here take the size that they are asked for. */
export function provedBy(
  about: Pick<About, 'architecture' | 'classes' | 'inputShape' | 'proved'>,
  weights: Pick<Weights, 'name'>,
): ProvedLens {
  const { architecture, classes, inputShape, proved } = about;
  const [, channels = 3, height = 0, width = 0] = inputShape;
  const common = {
    subject: networkName(weights, architecture),
    channels,
    classes,
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
      tensorflow: null,
    };
  const { input, output, range, normalization, tensorflow } = proved;
  return {
    ...common,
    layout: input.layout satisfies InputLayout,
    type: input.type as InputType,
    sizeIsFixed: input.height !== null && input.width !== null,
    outputs: [output.name, ...output.others],
    labels: output.labels,
    tensorflow,
    normalizes: range ?? (normalization === null ? null : 'other'),
  };
}
