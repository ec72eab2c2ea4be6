/** The numbers of one layer: its activation, and the raw class activation map behind the colors. */
import type { PartialLayer } from '../../../../protocol/requests';
import type { PartialHeatmap } from '../../state/rows';
import { decimals, percent } from '../../text/numbers';
import { methodTitles } from '../../text/words';
import { healthTitles } from '../../text/words';
import { Facts, type Fact } from '../Section';
import { t } from '../../l10n';

export interface LayerStatisticsProps {
  readonly layer: PartialLayer;
  readonly heatmap: PartialHeatmap | undefined;
}

export function LayerStatistics({ layer, heatmap }: LayerStatisticsProps) {
  return (
    <>
      {layer.health.length > 0 && (
        <ul class="marks">
          {layer.health.map((mark) => (
            <li key={mark}>{healthTitles[mark]}</li>
          ))}
        </ul>
      )}
      <div class="statistics">
        <div>
          <h4>{t('Activation')}</h4>
          <Facts facts={activationFacts(layer)} />
        </div>
        {heatmap && (
          <div>
            <h4>{t('{0}, raw', methodTitles[heatmap.method])}</h4>
            <Facts facts={heatmapFacts(heatmap)} />
          </div>
        )}
      </div>
    </>
  );
}

function activationFacts({ activation, operator }: PartialLayer): Fact[] {
  const facts: Fact[] = [
    [t('Operator'), operator],
    [t('Range'), t('{0} to {1}', decimals(activation.min), decimals(activation.max))],
    [t('Mean ± std'), `${decimals(activation.mean)} ± ${decimals(activation.std)}`],
    [t('Zeros'), percent(activation.zeros)],
  ];
  if (activation.nan > 0) facts.push(['NaN', String(activation.nan)]);
  if (activation.inf > 0) facts.push([t('Infinite'), String(activation.inf)]);
  return facts;
}

function heatmapFacts({ cam, negative, blank }: PartialHeatmap): Fact[] {
  return [
    [
      t('Range'),
      t('{0} to {1}', decimals(cam.min), decimals(cam.max)),
      t('After ReLU, before scaling: no color to full color'),
    ],
    [t('Mean ± std'), `${decimals(cam.mean)} ± ${decimals(cam.std)}`],
    [t('Negative'), percent(negative), t('Share of the map that ReLU removed')],
    [t('Empty'), blank === null ? t('not known yet') : blank ? t('yes') : t('no')],
  ];
}
