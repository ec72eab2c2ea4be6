/** The raw values under the cursor. */
import { usePanel } from '../../context';
import { readMap, type FloatMap } from '../../picture/floatMap';
import { decimals } from '../../text/numbers';
import type { Cursor, LayerMaps } from '../../picture/inspection';
import { t } from '../../l10n';

export interface ReadoutProps {
  readonly cursor: Cursor | null;
  readonly pin: Cursor | null;
  readonly maps: LayerMaps | null;
  /** Of the picture in pixels. */
  readonly width: number;
  readonly height: number;
}

export function Readout({ cursor, pin, maps, width, height }: ReadoutProps) {
  return (
    <p id="readout" class="readout" aria-live={cursor ? 'polite' : 'off'}>
      {(cursor || pin) && maps ? (
        [pin, cursor].map(
          (at, i) =>
            at && (
              <span key={i} class="reading">
                {i === 0 && <span class="muted">{t('pinned')}</span>}
                <Values cursor={at} maps={maps} width={width} height={height} />
              </span>
            ),
        )
      ) : (
        <Hint maps={maps} />
      )}
    </p>
  );
}

function Hint({ maps }: { readonly maps: LayerMaps | null }) {
  const { mapsFailure } = usePanel().state;
  if (mapsFailure) return <span class="muted">{t('No raw maps: {0}', mapsFailure.message)}</span>;
  return (
    <span class="muted">
      {maps
        ? t('Point at the picture to read its values; a click pins them, then the wheel zooms.')
        : t('Loading the raw maps')}
    </span>
  );
}

function Values({
  cursor,
  maps,
  width,
  height,
}: {
  readonly cursor: Cursor;
  readonly maps: LayerMaps;
  readonly width: number;
  readonly height: number;
}) {
  const cam = maps.cam && readMap(maps.cam, cursor.u, cursor.v);
  const activation = maps.activation && readMap(maps.activation, cursor.u, cursor.v);
  const cell = cam ?? activation;
  return (
    <>
      <span>{`x ${Math.floor(cursor.u * width)}, y ${Math.floor(cursor.v * height)}`}</span>
      {cell && <span class="muted">{t('cell {0}, {1}', cell.column, cell.row)}</span>}
      {cam && <span>{t('CAM {0}', decimals(cam.value))}</span>}
      {activation && <span>{t('activation {0}', decimals(activation.value))}</span>}
    </>
  );
}

/** One map alone. */
export function readoutOf(map: FloatMap, at: Cursor, pinned: boolean): string {
  const { column, row, value } = readMap(map, at.u, at.v);
  return pinned
    ? t('pinned cell {0}, {1}: {2}', column, row, decimals(value))
    : t('cell {0}, {1}: {2}', column, row, decimals(value));
}
