/** What a lens file says, value by value, each with its place in the file. */
import type { LensOrigin, LensStep } from '../../../../protocol/lens';
import { labelsOfLens } from '../lens-labels';
import type { NamedLens } from '../lens-file';
import type { PathTrust } from '../lens-paths';
import type { InputSize, LensSource } from '../values';

/**
 * @param subject how errors call it
 * @throws LensError of kind `usage` where a file that it names cannot be read
 */
export async function fromLens(
  lens: NamedLens,
  origin: LensOrigin,
  subject: string,
  trust: PathTrust,
): Promise<LensSource> {
  const { detector, preprocess, input, output, target, layers, methods } = lens.lens;
  const labels = await labelsOfLens(lens, trust);
  const at = (...path: readonly (string | number)[]): string => lens.at(...path);
  const unless = <T, U>(value: T | undefined, make: (value: T) => U): U | Record<string, never> =>
    value === undefined ? {} : make(value);
  return {
    origin,
    subject,
    lens: { name: lens.name, path: lens.path, derived: lens.derived },
    values: {
      ...(labels === null ? {} : { labels: { value: labels.labels, detail: labels.detail } }),
      ...faceStage(lens),
      ...unless(detector?.crop, (value) => ({ 'detector.crop': { value, detail: at('detector', 'crop') } })),
      ...unless(preprocess, (value: readonly LensStep[]) => ({
        preprocess: { value, detail: at('preprocess') },
      })),
      ...unless(input?.layout, (value) => ({ 'input.layout': { value, detail: at('input', 'layout') } })),
      ...unless(input?.type, (value) => ({ 'input.type': { value, detail: at('input', 'type') } })),
      ...unless(input?.size, (value) => ({
        'input.size': { value: bothSides(value), detail: at('input', 'size') },
      })),
      ...unless(input?.range, (value) => ({ 'input.range': { value, detail: at('input', 'range') } })),
      ...unless(output?.name, (value) => ({ 'output.name': { value, detail: at('output', 'name') } })),
      ...unless(output?.activation, (value) => ({
        'output.activation': { value, detail: at('output', 'activation') },
      })),
      ...unless(output?.threshold, (value) => ({
        'output.threshold': { value, detail: at('output', 'threshold') },
      })),
      ...unless(target, (value) => ({ target: { value, detail: at('target') } })),
      ...unless(layers, (value) => ({ layers: { value, detail: at('layers') } })),
      ...unless(methods, (value) => ({ methods: { value, detail: at('methods') } })),
    },
  };
}

/** A lens that says how pictures are prepared and nothing of a detector has no face stage. */
function faceStage({ lens: { detector, preprocess }, at }: NamedLens): LensSource['values'] {
  if (detector !== undefined && detector !== null)
    return { 'detector.use': { value: detector.use ?? 'auto', detail: at('detector') } };
  if (detector === null) return { 'detector.use': { value: 'none', detail: at('detector') } };
  if (preprocess === undefined) return {};
  return { 'detector.use': { value: 'none', detail: `${at('preprocess')} stands without a detector` } };
}

const bothSides = (size: number | InputSize): InputSize => (typeof size === 'number' ? [size, size] : size);
