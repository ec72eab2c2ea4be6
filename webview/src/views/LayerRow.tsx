/** One layer of the table. */
import type { HealthMark } from '../../../protocol/report';
import { pictureAddress, usePanel } from '../context';
import { isDrawn, type Row } from '../state/rows';
import { decimals, percent, shape } from '../text/numbers';
import { grave, healthTitles } from '../text/words';
import { CheckIcon, ErrorIcon, WarningIcon } from './icons';

export interface LayerRowProps {
  readonly row: Row;
  readonly selected: boolean;
  /** Whether Tab stops here; one row of the table has it. */
  readonly tabStop: boolean;
  readonly onSelect: () => void;
}

export function LayerRow({ row, selected, tabStop, onSelect }: LayerRowProps) {
  const { state } = usePanel();
  const { layer, heatmap, order } = row;
  const { activation } = layer;
  const drawn = isDrawn(layer);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    onSelect();
  };
  return (
    <tr
      class="layer"
      data-layer={layer.name}
      aria-selected={selected}
      tabIndex={tabStop ? 0 : -1}
      onClick={onSelect}
      onKeyDown={onKeyDown}
    >
      <td class="number column-order muted">{order + 1}</td>
      <td class="column-health">
        <Health marks={layer.health} drawn={drawn} />
      </td>
      <th scope="row" class="column-name">
        <span class="layer-name">{layer.name}</span>
        <span class="layer-operator muted">{layer.operator}</span>
      </th>
      <td class="number column-shape">{shape(layer.shape)}</td>
      <td class="column-picture">
        <Thumbnail src={drawn ? pictureAddress(state, activation.picture) : null} />
      </td>
      <td class="column-picture">
        {heatmap && <Thumbnail src={drawn ? pictureAddress(state, heatmap.picture) : null} />}
      </td>
      <td class="number">{decimals(activation.mean)}</td>
      <td class="number column-std">{decimals(activation.std)}</td>
      <td class="number column-cam">{heatmap ? decimals(heatmap.cam.max) : ''}</td>
      <td class="number column-negative">{heatmap ? percent(heatmap.negative) : ''}</td>
    </tr>
  );
}

/** The row says in words what the picture shows, so the picture itself is silent. */
function Thumbnail({ src }: { readonly src: string | null }) {
  if (src === null) return <span class="thumbnail" />;
  return <img class="thumbnail" src={src} width={44} height={44} alt="" loading="lazy" decoding="async" />;
}

export interface HealthProps {
  readonly marks: readonly HealthMark[];
  /** Before that, a layer without marks may still get one. */
  readonly drawn: boolean;
}

export function Health({ marks, drawn }: HealthProps) {
  if (marks.length === 0 && !drawn) return <span class="health" />;
  const text = marks.length === 0 ? 'Nothing unusual' : marks.map((mark) => healthTitles[mark]).join(' ');
  const kind = marks.length === 0 ? 'ok' : marks.some((mark) => grave.has(mark)) ? 'grave' : 'remark';
  return (
    <span class={`health health-${kind}`} role="img" aria-label={text} title={text}>
      {kind === 'ok' ? <CheckIcon /> : kind === 'grave' ? <ErrorIcon /> : <WarningIcon />}
    </span>
  );
}
