/** The predicted class with its probability, or that there is none; grayed and said so where untrained weights made it up. */
import type { PartialReport } from '../../../protocol/requests';
import { percent, real } from '../text/numbers';
import { Bar } from './Bar';
import { t } from '../l10n';

export function Verdict({ report }: { readonly report: PartialReport }) {
  const { classifier, model, input } = report;
  if (!classifier) return <span class="verdict verdict-pending" />;
  const untrained = model?.untrained === true;
  // As long as the weights are unknown, the verdict is not presented as one of trained weights.
  const doubtful = model?.untrained ?? true;
  return (
    <span class={doubtful ? 'verdict verdict-untrained' : 'verdict'}>
      <strong class="verdict-label">{classifier.predicted.label}</strong>
      {classifier.confidence !== null && (
        <>
          <span class="verdict-percent">{percent(classifier.confidence)}</span>
          <span class="verdict-bar">
            <Bar share={real(classifier.confidence)} />
          </span>
        </>
      )}
      {classifier.activation?.multiLabel && (
        <span class="badge" title={classifier.activation.description}>
          {classifier.verdict === undefined
            ? t('largest of several labels')
            : severalLabels(classifier.verdict.length)}
        </span>
      )}
      {classifier.precision && (
        <span
          class={classifier.precision.sameClass === false ? 'badge badge-warning' : 'badge'}
          title={classifier.precision.description}
        >
          {classifier.precision.sameClass === false
            ? t('its float equivalent predicts another class')
            : t('maps of the float equivalent')}
        </span>
      )}
      {input?.edited && <span class="badge badge-warning">{t('picture edited by hand')}</span>}
      {untrained && <span class="badge badge-warning">{t('untrained demo weights')}</span>}
    </span>
  );
}

/** What the largest probability of several labels stands for. */
const severalLabels = (above: number): string =>
  above === 0
    ? t('below the threshold')
    : above === 1
      ? t('the only label above the threshold')
      : t('first of {0} labels', above);
