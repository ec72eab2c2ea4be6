/** Raw maps of what is in view: each part of the page names those that it shows, and what is missing is asked for together. */
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import type { MapSlice } from '../../../../protocol/report';
import { usePanel } from '../../context';
import type { Host } from '../../host';
import type { FloatMap } from '../../picture/floatMap';
import { sameSlices, type MapRequests } from '../../state/maps';
import { hasMaps, type PanelState } from '../../state/panel';

/** Sends requests for what is shown and not there; once for each map of a report or run. */
export function useMapRequests(host: Host, state: PanelState): MapRequests {
  const shown = useRef(new Map<number, { readonly slice: MapSlice; count: number }>());
  const asked = useRef<{ of: unknown; offsets: Set<number> }>({ of: null, offsets: new Set() });
  const latest = useRef(state);
  latest.current = state;
  const waits = useRef(false);

  const ask = useCallback(() => {
    waits.current = false;
    const { maps, mapsFailure, report, folder } = latest.current;
    if (!hasMaps(latest.current) || mapsFailure) return;
    const of = report ?? 'run';
    if (asked.current.of !== of) asked.current = { of, offsets: new Set() };
    const { offsets } = asked.current;
    const slices = [...shown.current.values()]
      .map(({ slice }) => slice)
      .filter(({ offset }) => !maps.has(offset) && !offsets.has(offset));
    if (slices.length === 0) return;
    for (const { offset } of slices) offsets.add(offset);
    host.send({ type: 'maps', folder: report ? folder : null, slices });
  }, [host]);
  const soon = useCallback(() => {
    if (waits.current) return;
    waits.current = true;
    queueMicrotask(ask);
  }, [ask]);

  const { maps, report, partial, next } = state;
  useEffect(() => {
    // Maps may be dropped to make room; then they may be requested again.
    for (const offset of maps.keys()) asked.current.offsets.delete(offset);
    soon();
  }, [maps, report, partial?.mapsFile, soon]);

  useEffect(() => {
    if (!next || !latest.current.report) return;
    const slices = sameSlices(latest.current.report, next.report, new Set(shown.current.keys()));
    host.send({ type: 'maps', folder: next.folder, slices });
  }, [host, next]);

  return useMemo(
    () => ({
      show: (slice) => {
        const known = shown.current.get(slice.offset) ?? { slice, count: 0 };
        known.count += 1;
        shown.current.set(slice.offset, known);
        soon();
        return () => {
          known.count -= 1;
          if (known.count === 0 && shown.current.get(slice.offset) === known)
            shown.current.delete(slice.offset);
        };
      },
    }),
    [soon],
  );
}

/** The map, once it is there. */
export function useSlice(slice: MapSlice | undefined): FloatMap | null {
  const { state, requests } = usePanel();
  const { offset, width, height } = slice ?? {};
  useEffect(() => {
    if (offset === undefined || width === undefined || height === undefined) return undefined;
    return requests.show({ offset, width, height });
  }, [offset, width, height, requests]);
  const map = offset === undefined ? undefined : state.maps.get(offset);
  return map && map.width === width && map.height === height ? map : null;
}
