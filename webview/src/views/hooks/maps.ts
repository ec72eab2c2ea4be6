/** Raw maps of what is in view: each part of the page names those that it shows, and what is missing is requested together. */
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import type { MapSlice } from '../../../../protocol/report';
import { usePainting } from '../../context';
import type { Host } from '../../host';
import type { FloatMap } from '../../picture/floatMap';
import { otherSlices, type MapRequests } from '../../state/maps';
import { mapsFolder, type PanelState } from '../../state/panel';

/** Sends requests for what is shown and not there; once for each map of a report or run. */
export function useMapRequests(host: Host, state: PanelState): MapRequests {
  const shown = useRef(new Map<number, { readonly slice: MapSlice; count: number }>());
  const asked = useRef<{ of: unknown; offsets: Set<number> }>({ of: null, offsets: new Set() });
  const latest = useRef(state);
  latest.current = state;
  const waits = useRef(false);

  const ask = useCallback(() => {
    waits.current = false;
    const { maps, mapsFailure, report } = latest.current;
    const folder = mapsFolder(latest.current);
    if (folder === null || mapsFailure) return;
    const of = report ?? folder;
    if (asked.current.of !== of) asked.current = { of, offsets: new Set() };
    const { offsets } = asked.current;
    const slices = [...shown.current.values()]
      .map(({ slice }) => slice)
      .filter(({ offset }) => !maps.has(offset) && !offsets.has(offset));
    if (slices.length === 0) return;
    for (const { offset } of slices) offsets.add(offset);
    host.send({ type: 'maps', folder, slices });
  }, [host]);
  const soon = useCallback(() => {
    if (waits.current) return;
    waits.current = true;
    queueMicrotask(ask);
  }, [ask]);

  const { maps, report, partial } = state;
  useEffect(() => {
    // Maps may be dropped to make room; then they may be requested again.
    for (const offset of maps.keys()) asked.current.offsets.delete(offset);
    soon();
  }, [maps, report, partial?.mapsFile, soon]);

  useOtherMaps(host, latest, shown);

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

/** Maps of what is to replace the report in view: requested as soon as a run has written them, while its report is made. */
function useOtherMaps(
  host: Host,
  latest: { readonly current: PanelState },
  shown: { readonly current: ReadonlyMap<number, unknown> },
): void {
  const { partial, next, run } = latest.current;
  /** The run whose maps have been requested. */
  const early = useRef<string | null>(null);
  const others = useCallback(
    (known: Parameters<typeof otherSlices>[1]): readonly MapSlice[] => {
      const { report: now, maps: there } = latest.current;
      return now ? otherSlices(now, known, { maps: there, shown: new Set(shown.current.keys()) }) : [];
    },
    [latest, shown],
  );
  const written = partial?.mapsFile !== undefined;
  useEffect(() => {
    const { partial: known, report: now } = latest.current;
    if (!now || !known || !written || run === null) return;
    const slices = others(known);
    early.current = slices.length > 0 ? run : null;
    if (slices.length > 0) host.send({ type: 'maps', folder: run, slices });
  }, [host, latest, written, run, others]);
  useEffect(() => {
    const isAsked = early.current !== null && early.current === latest.current.run;
    if (next && !isAsked) host.send({ type: 'maps', folder: next.folder, slices: others(next.report) });
  }, [host, latest, next, others]);
}

/** The map, once it is there. */
export function useSlice(slice: MapSlice | undefined): FloatMap | null {
  const { maps, requests } = usePainting();
  const { offset, width, height } = slice ?? {};
  useEffect(() => {
    if (offset === undefined || width === undefined || height === undefined) return undefined;
    return requests.show({ offset, width, height });
  }, [offset, width, height, requests]);
  const map = offset === undefined ? undefined : maps.get(offset);
  return map && map.width === width && map.height === height ? map : null;
}
