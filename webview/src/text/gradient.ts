/** What the gradient says of a channel, in a sentence. */
import type { LayerChannel } from '../../../protocol/requests';
import { decimals, percent } from './numbers';

export function gradientSentence({ weight, gradient }: LayerChannel): string {
  if (!gradient) return 'No gradient passes between this layer and the logits.';
  return `Weight α ${decimals(weight)}, the mean of the gradient, which reaches from ${decimals(gradient.min)} to ${decimals(gradient.max)} and is negative at ${percent(gradient.negative)} of the positions.`;
}
