/** The charts that the server drew, as they are in summary.md. */
import type { ShownChart } from '../../../protocol/evaluation-panel';
import { t } from '../l10n';

interface Props {
  readonly charts: readonly ShownChart[];
  /** Whether the page has the confusion matrix as a table already. */
  readonly isMatrixShown: boolean;
}

const isHeat = ({ title }: ShownChart): boolean => title.startsWith('Mean heatmap');
const isMatrix = ({ title }: ShownChart): boolean => title.startsWith('Confusion matrix');

/** A matrix of 40 classes cannot be read where it is made smaller: it scrolls. */
function Chart(chart: ShownChart) {
  const { title, address } = chart;
  const image = <img src={address} alt={title} loading="lazy" />;
  if (isMatrix(chart))
    return (
      <figure class="across whole" tabIndex={0}>
        {image}
      </figure>
    );
  return <figure class={isHeat(chart) ? 'across' : ''}>{image}</figure>;
}

export function Charts({ charts: given, isMatrixShown }: Props) {
  const all = given.filter((chart) => !(isMatrixShown && isMatrix(chart)));
  // Where the network looks comes first: nothing else on the page says it.
  const charts = [...all.filter(isHeat), ...all.filter((chart) => !isHeat(chart))];
  if (charts.length === 0) return null;
  return (
    <section aria-labelledby="charts">
      <h2 id="charts">{t('Charts')}</h2>
      <div class="charts">
        {charts.map(({ title, address }) => (
          <Chart key={address} title={title} address={address} />
        ))}
      </div>
    </section>
  );
}
