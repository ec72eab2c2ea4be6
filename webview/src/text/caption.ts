/** What a picture of a layer says and does not say, in sentences. */
import type { PartialReport } from '../../../protocol/requests';
import type { PictureKind } from '../views/layer/useShown';
import type { Display } from '../state/display';
import { t } from '../l10n';

/** For which class the heatmap speaks, and whether the network predicts it. */
export function classSentence({ target, classifier }: PartialReport, method: string): string {
  if (!target) return '';
  const predicted = classifier?.predicted;
  if (predicted === undefined || predicted.index === null) return t('{0} for “{1}”.', method, target.label);
  return predicted.index === target.index
    ? t('{0} for “{1}”, the predicted class.', method, target.label)
    : t('{0} for “{1}”; predicted is “{2}”.', method, target.label, predicted.label);
}

/** Whether what is drawn is what the statistics describe. */
export function valueSentence(kind: PictureKind, { signed, drawing }: Display): string {
  const cells = drawing === 'cells';
  if (kind === 'activation')
    return cells ? t('Mean of the channels, value by value.') : t('Mean of the channels, enlarged.');
  if (signed)
    return cells
      ? t(
          'Before ReLU, value by value: red is evidence for the class, blue against it. The statistics are after ReLU.',
        )
      : t(
          'Before ReLU, enlarged: red is evidence for the class, blue against it. The statistics are after ReLU.',
        );
  return cells
    ? t('After ReLU, as in the statistics, value by value.')
    : t('After ReLU, as in the statistics; enlarged and blurred, so extremes are softer.');
}

/** Why this layer is in view though nobody chose it. */
export const TELLING_SENTENCE = t(
  'Shown first: the last layer with height and width whose heatmap is not empty.',
);
