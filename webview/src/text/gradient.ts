/** What the gradient says of a channel, in a sentence. */
import type { LayerChannel } from '../../../protocol/requests';
import { decimals, percent } from './numbers';
import { t } from '../l10n';

export function gradientSentence({ weight, gradient }: LayerChannel): string {
  if (!gradient) return t('No gradient passes between this layer and the logits.');
  return t(
    'Weight α {0}, the mean of the gradient, which reaches from {1} to {2} and is negative at {3} of the positions.',
    decimals(weight),
    decimals(gradient.min),
    decimals(gradient.max),
    percent(gradient.negative),
  );
}
