/** One layer of the table. */
import type { HealthMark } from '../../../protocol/report';
import type { Column, ColumnId } from '../state/columns';
import { isDrawn, type Row } from '../state/rows';
import { decimals, percent, shape } from '../text/numbers';
import { grave, healthTitles } from '../text/words';
import { memo } from './hooks/memo';
import { CheckIcon, ErrorIcon, WarningIcon } from './icons';
import { Thumbnail } from './Thumbnail';
import { t } from '../l10n';

export interface LayerRowProps extends Row {
  readonly columns: readonly Column[];
  readonly selected: boolean;
  /** From 1, the head being the first. */
  readonly place: number;
  readonly onSelect: (layer: string) => void;
}

export const rowId = (order: number): string => `layer-row-${order}`;

function Cells({ order, layer, heatmap, columns, selected, place, onSelect }: LayerRowProps) {
  return (
    <tr
      id={rowId(order)}
      class="layer"
      data-layer={layer.name}
      aria-selected={selected}
      aria-rowindex={place}
      onClick={() => onSelect(layer.name)}
    >
      {columns.map(({ id, kind }) =>
        id === 'name' ? (
          <th key={id} scope="row" class={kind} title={`${layer.name}\n${layer.operator}`}>
            <span class="layer-name">{layer.name}</span>
            <span class="layer-operator muted">{layer.operator}</span>
          </th>
        ) : (
          <td key={id} class={kind}>
            {cell(id, { order, layer, heatmap })}
          </td>
        ),
      )}
    </tr>
  );
}

export const LayerRow = memo(Cells);

function cell(id: Exclude<ColumnId, 'name'>, { layer, heatmap, order }: Row) {
  switch (id) {
    case 'order':
      return <span class="muted">{order + 1}</span>;
    case 'health':
      return <Health marks={layer.health} drawn={isDrawn(layer)} />;
    case 'size':
      return shape(layer.shape);
    case 'heatmap':
      return heatmap && <Thumbnail layer={layer} heatmap={heatmap} />;
    case 'activation':
      return <Thumbnail layer={layer} heatmap={undefined} />;
    case 'mean':
      return decimals(layer.activation.mean);
    case 'std':
      return decimals(layer.activation.std);
    case 'cam':
      return heatmap && decimals(heatmap.cam.max);
    case 'negative':
      return heatmap && percent(heatmap.negative);
    default:
      return id satisfies never;
  }
}

export interface HealthProps {
  readonly marks: readonly HealthMark[];
  /** Before that, a layer without marks may still get one. */
  readonly drawn: boolean;
}

export function Health({ marks, drawn }: HealthProps) {
  if (marks.length === 0 && !drawn) return <span class="health" />;
  const text = marks.length === 0 ? t('Nothing unusual') : marks.map((mark) => healthTitles[mark]).join(' ');
  const kind = marks.length === 0 ? 'ok' : marks.some((mark) => grave.has(mark)) ? 'grave' : 'remark';
  return (
    <span class={`health health-${kind}`} role="img" aria-label={text} title={text}>
      {kind === 'ok' ? <CheckIcon /> : kind === 'grave' ? <ErrorIcon /> : <WarningIcon />}
    </span>
  );
}
