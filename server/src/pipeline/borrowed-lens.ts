/** The warning for a lens that was requested with another network than its own. */
import type { NamedLens } from '../lens/lens-file';
import type { About } from './network/prepare';

interface GivenLens {
  readonly lens: Pick<NamedLens, 'lens'>;
  readonly asPipeline: boolean;
  /** Such as `The lens fsbi`. */
  readonly subject: string;
}

type Fitting = Pick<About, 'architecture' | 'inputShape'>;

/** Null where the lens names no built-in network, or this one. */
export async function borrowed(
  { lens: { lens }, asPipeline, subject }: GivenLens,
  { architecture, inputShape }: Fitting,
): Promise<string | null> {
  const { model, labels, input } = lens;
  if (model === undefined || model === architecture) return null;
  const { findArchitecture } = await import('../architectures/registry');
  if (findArchitecture(model) === undefined) return null;
  const [, , height, width] = inputShape;
  const side = typeof input?.size === 'number' ? input.size : null;
  const size =
    side === null || (height === side && width === side)
      ? ''
      : `, which takes ${width}x${height} pixels instead of ${side}x${side}`;
  const named = Array.isArray(labels) && labels.length > 0 ? `, and the labels ${labels.join(', ')}` : '';
  return (
    `${subject} belongs to ${model}; this network is ${described(architecture)}${size}. ` +
    `How the image is prepared${named} are the ${asPipeline ? 'pipeline' : 'lens'}'s, as requested.`
  );
}

const described = (architecture: string): string =>
  architecture === 'onnx' ? 'an ONNX file of no known architecture' : architecture;
