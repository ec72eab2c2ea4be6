/** The charts that the server drew, as they are in summary.md. */
import type { ShownChart } from '../../../protocol/evaluation-panel';
import { t } from '../l10n';

interface Props {
  readonly charts: readonly ShownChart[];
  /** Whether the page has the confusion matrix as a table already. */
  readonly isMatrixShown: boolean;
}

export function Charts({ charts: given, isMatrixShown }: Props) {
  const all = given.filter(({ title }) => !(isMatrixShown && title.startsWith('Confusion matrix')));
  // Where the network looks comes first: nothing else on the page says it.
  const isHeat = ({ title }: ShownChart): boolean => title.startsWith('Mean heatmap');
  const charts = [...all.filter(isHeat), ...all.filter((chart) => !isHeat(chart))];
  if (charts.length === 0) return null;
  return (
    <section aria-labelledby="charts">
      <h2 id="charts">{t('Charts')}</h2>
      <div class="charts">
        {charts.map(({ title, address }) => (
          <figure key={address} class={title.startsWith('Mean heatmap') ? 'across' : ''}>
            <img src={address} alt={title} loading="lazy" />
          </figure>
        ))}
      </div>
    </section>
  );
}
