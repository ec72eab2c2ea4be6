/** How an activation's values are distributed, as bars. */
import type { LayerDetails } from '../../../../protocol/requests';
import { usePanel } from '../../context';
import { decimals } from '../../text/numbers';
import { histogramTable } from '../../text/tables';
import { Checkbox } from '../../toolkit';
import { WithMenu } from '../ContextMenu';
import { tableItems } from '../hooks/exports';
import { t } from '../../l10n';

const height = 60;

export function Histogram({
  layer,
  histogram: { min, max, counts },
}: {
  readonly layer: string;
  readonly histogram: LayerDetails['histogram'];
}) {
  const { view, choose, send } = usePanel();
  const items = tableItems(() => histogramTable({ min, max, counts }), `${layer}_histogram`, send);
  const measure = (count: number) => (view.logHistogram ? Math.log1p(count) : count);
  const top = Math.max(...counts.map(measure), 1e-9);
  const most = counts.indexOf(Math.max(...counts));
  const width = (max - min) / counts.length;
  return (
    <figure class="histogram">
      <WithMenu label={t('Histogram')} items={items}>
        <svg
          viewBox={`0 0 ${counts.length} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t(
            '{0} bins; most values lie near {1}',
            counts.length,
            decimals(min + (most + 0.5) * width),
          )}
        >
          {counts.map((count, i) => {
            const bar = (height * measure(count)) / top;
            return (
              <rect key={i} class="bar-value" x={i} y={height - bar} width={0.9} height={bar}>
                <title>
                  {t('{0} to {1}: {2}', decimals(min + i * width), decimals(min + (i + 1) * width), count)}
                </title>
              </rect>
            );
          })}
        </svg>
      </WithMenu>
      <figcaption>
        <span>{decimals(min)}</span>
        <Checkbox checked={view.logHistogram} onChange={(logHistogram) => choose({ logHistogram })}>
          {t('Logarithmic')}
        </Checkbox>
        <span>{decimals(max)}</span>
      </figcaption>
    </figure>
  );
}
