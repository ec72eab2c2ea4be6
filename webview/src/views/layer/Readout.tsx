/** The raw values under the cursor. */
import { usePanel } from '../../context';
import { readMap } from '../../picture/floatMap';
import { decimals } from '../../text/numbers';
import type { Cursor, LayerMaps } from '../../picture/inspection';

export interface ReadoutProps {
  readonly cursor: Cursor | null;
  readonly maps: LayerMaps | null;
  /** Of the picture in pixels. */
  readonly width: number;
  readonly height: number;
}

export function Readout({ cursor, maps, width, height }: ReadoutProps) {
  return (
    <p id="readout" class="readout" aria-live={cursor ? 'polite' : 'off'}>
      {cursor && maps ? (
        <Values cursor={cursor} maps={maps} width={width} height={height} />
      ) : (
        <Hint maps={maps} />
      )}
    </p>
  );
}

function Hint({ maps }: { readonly maps: LayerMaps | null }) {
  const { mapsFailure } = usePanel().state;
  if (mapsFailure) return <span class="muted">{`No raw maps: ${mapsFailure.message}`}</span>;
  return (
    <span class="muted">
      {maps
        ? 'Point at the picture to read its values; click it, then zoom with the wheel.'
        : 'Loading the raw maps'}
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
      {cell && <span class="muted">{`cell ${cell.column}, ${cell.row}`}</span>}
      {cam && <span>{`CAM ${decimals(cam.value)}`}</span>}
      {activation && <span>{`activation ${decimals(activation.value)}`}</span>}
    </>
  );
}
