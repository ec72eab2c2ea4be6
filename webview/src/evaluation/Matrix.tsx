/** The confusion matrix; a cell leads to its pictures. */
import type { ClassSummary, Metrics, OpenedEvaluation } from '../../../protocol/evaluation';
import type { Look } from './rows';
import { t } from '../l10n';
import { whole } from './numbers';

/** More cannot be read; the chart and the table have all. */
const MOST_SHOWN = 12;

/** Whether every class has its row. */
export const hasWholeMatrix = (metrics: Metrics | null): boolean =>
  metrics !== null && metrics.classes.length <= MOST_SHOWN;

interface Props {
  readonly metrics: Metrics;
  readonly evaluation: OpenedEvaluation;
  readonly look: Look;
}

export function Matrix({ metrics, evaluation, look }: Props) {
  const shown = metrics.classes
    .toSorted((a, b) => b.support + b.verdicts - a.support - a.verdicts)
    .slice(0, MOST_SHOWN)
    .sort((a, b) => a.index - b.index);
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="matrix">
      <h2 id="matrix">{t('Confusion matrix: labels down, verdicts across')}</h2>
      {shown.length < metrics.classes.length && (
        <p class="muted">
          {t('The {0} classes with the most pictures, of {1}.', shown.length, whole(metrics.classes.length))}
        </p>
      )}
      <div class="wide">
        <table class="matrix">
          <thead>
            <tr>
              <td />
              {shown.map(({ index, label }) => (
                <th key={index} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((of) => (
              <Line key={of.index} {...{ of, shown, metrics, evaluation, look }} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const cellTitle = (count: number, label: string, verdict: string): string =>
  count === 1
    ? t('Show the picture labeled {0} with the verdict {1}', label, verdict)
    : t('Show the {0} pictures labeled {1} with the verdict {2}', whole(count), label, verdict);

function Line({
  of,
  shown,
  metrics,
  evaluation: { columns },
  look,
}: Props & { readonly of: ClassSummary; readonly shown: readonly ClassSummary[] }) {
  /** As the set writes it; null where it has several ways, and no one of them leads to all. */
  const meant = new Set(columns.label.filter((_, row) => columns.labelClass[row] === of.index));
  const label = meant.size === 1 ? ([...meant][0] ?? null) : null;
  return (
    <tr>
      <th scope="row">{of.label}</th>
      {shown.map((verdict) => {
        const count =
          metrics.confusion.find(([row, column]) => row === of.index && column === verdict.index)?.[2] ?? 0;
        return (
          <td key={verdict.index} class={of.index === verdict.index ? 'right' : ''}>
            {count === 0 || label === null ? (
              count
            ) : (
              <button
                class="link"
                title={cellTitle(count, of.label, verdict.label)}
                onClick={() =>
                  look({ label, predicted: verdict.index, sort: 'confidence', descending: true })
                }
              >
                {count}
              </button>
            )}
          </td>
        );
      })}
    </tr>
  );
}
