/** What a picture of a layer says and does not say, in sentences. */
import type { PartialReport } from '../../../protocol/requests';
import type { PictureKind } from '../views/layer/useShown';
import type { Display } from '../state/display';

/** For which class the heatmap speaks, and whether the network predicts it. */
export function classSentence({ target, classifier }: PartialReport, method: string): string {
  if (!target) return '';
  const predicted = classifier?.predicted;
  const about = `${method} for “${target.label}”`;
  if (predicted === undefined || predicted.index === null) return `${about}.`;
  return predicted.index === target.index
    ? `${about}, the predicted class.`
    : `${about}; predicted is “${predicted.label}”.`;
}

/** Whether what is drawn is what the statistics describe. */
export function valueSentence(kind: PictureKind, { signed, drawing }: Display): string {
  const cells = drawing === 'cells';
  if (kind === 'activation') return `Mean of the channels${cells ? ', value by value' : ', enlarged'}.`;
  if (signed)
    return `Before ReLU${cells ? ', value by value' : ', enlarged'}: red speaks for the class, blue against it. The statistics are after ReLU.`;
  return `After ReLU, as in the statistics${cells ? ', value by value' : '; enlarged and blurred, so extremes are softer'}.`;
}

/** Why this layer is in view though nobody chose it. */
export const TELLING_SENTENCE =
  'Shown first: the last layer with height and width whose heatmap is not empty.';
