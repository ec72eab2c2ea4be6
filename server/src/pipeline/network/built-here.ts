/** What holds for every network that is built here instead of read from a graph. */
import type { BuiltNetwork } from '../../architectures/network';
import { LensError } from '../../errors';
import { ofLogits, type ReadActivation } from './activation';
import type { LoadOptions } from './loadable';

/** Every architecture that is built here ends in a linear layer. */
export const endsInLogits = ({ id, logits, classes }: BuiltNetwork): ReadActivation => ({
  activation: ofLogits(classes, 'architecture', `${id} ends in logits`),
  outputs: logits,
  width: classes,
});

/** Networks that are built here take squares. @throws LensError of kind `usage` naming the network */
export function sideOf(source: string, { inputSize }: LoadOptions): number | null {
  if (inputSize === null) return null;
  const [height, width] = inputSize;
  if (height === width) return height;
  throw new LensError('usage', `${source} takes squares; ${width}x${height} pixels (WxH) were requested.`, {
    fix: 'Give one side as the size of its input.',
    remedies: ['choose-lens'],
  });
}
