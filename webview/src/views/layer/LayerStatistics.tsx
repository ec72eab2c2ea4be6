/** The numbers of one layer: its activation, and the raw class activation map behind the colors. */
import type { PartialLayer } from '../../../../protocol/requests';
import type { PartialHeatmap } from '../../state/rows';
import { decimals, percent } from '../../text/numbers';
import { methodTitles } from '../../text/words';
import { healthTitles } from '../../text/words';
import { Facts, type Fact } from '../Section';

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
          <h4>Activation</h4>
          <Facts facts={activationFacts(layer)} />
        </div>
        {heatmap && (
          <div>
            <h4>{`${methodTitles[heatmap.method]}, raw`}</h4>
            <Facts facts={heatmapFacts(heatmap)} />
          </div>
        )}
      </div>
    </>
  );
}

function activationFacts({ activation, operator }: PartialLayer): Fact[] {
  const facts: Fact[] = [
    ['Operator', operator],
    ['Range', `${decimals(activation.min)} to ${decimals(activation.max)}`],
    ['Mean ± std', `${decimals(activation.mean)} ± ${decimals(activation.std)}`],
    ['Zeros', percent(activation.zeros)],
  ];
  if (activation.nan > 0) facts.push(['NaN', String(activation.nan)]);
  if (activation.inf > 0) facts.push(['Infinite', String(activation.inf)]);
  return facts;
}

function heatmapFacts({ cam, negative, blank }: PartialHeatmap): Fact[] {
  return [
    [
      'Range',
      `${decimals(cam.min)} to ${decimals(cam.max)}`,
      'After ReLU, before scaling: no color to full color',
    ],
    ['Mean ± std', `${decimals(cam.mean)} ± ${decimals(cam.std)}`],
    ['Negative', percent(negative), 'Share of the map that ReLU removed'],
    ['Empty', blank === null ? 'not known yet' : blank ? 'yes' : 'no'],
  ];
}
