/** The values of a map written into its cells, once these are large enough to read. */
import type { FloatMap } from '../../picture/floatMap';
import { visibleCells } from '../../picture/cells';
import type { Zoom } from '../../picture/zoom';
import { compact } from '../../text/numbers';

export interface CellValuesProps {
  readonly map: FloatMap;
  readonly zoom: Zoom;
  /** Of the frame, in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export function CellValues({ map, zoom, width, height }: CellValuesProps) {
  const cells = visibleCells(map, zoom, width, height);
  if (cells === null) return null;
  return (
    <div class="cell-values" aria-hidden="true">
      {cells.map(({ column, row, left, top, value }) => (
        <span key={`${column},${row}`} style={{ left: `${left}px`, top: `${top}px` }}>
          {compact(value)}
        </span>
      ))}
    </div>
  );
}
