/** The charts that the server drew, as they are in summary.md. */
import type { ShownChart } from '../../../protocol/evaluation-panel';
import { t } from '../l10n';

/** Where the network looks comes first: nothing else on the page says it. */
export function Charts({ charts: all }: { readonly charts: readonly ShownChart[] }) {
  const isHeat = ({ title }: ShownChart): boolean => title.startsWith('Mean heatmap');
  const charts = [...all.filter(isHeat), ...all.filter((chart) => !isHeat(chart))];
  if (charts.length === 0) return null;
  return (
    <section aria-labelledby="charts">
      <h2 id="charts">{t('Charts')}</h2>
      <div class="charts">
        {charts.map(({ title, address }) => (
          <figure key={address}>
            <img src={address} alt={title} loading="lazy" />
          </figure>
        ))}
      </div>
    </section>
  );
}
