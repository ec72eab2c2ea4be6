/** Which rows of a long list are near enough to be seen, as the page scrolls: only those are in the page. */
import type { RefObject } from 'preact';
import { useCallback, useLayoutEffect, useState } from 'preact/hooks';

/** Rows beyond what is seen, so that a quick scroll finds some: as many as there are of the usual height. */
const SPARE_PX = 500;
const LEAST_SPARE = 2;
const MOST_SPARE = 8;
/** Before anything is measured. */
const FIRST = 24;

export interface RowWindow {
  /** Rows from `first` up to and without `end`. */
  readonly first: number;
  readonly end: number;
  /** Brings a row into view if it is not. */
  readonly reveal: (index: number) => void;
}

/** The height that the panel's head covers. */
const covered = (): number =>
  Number.parseFloat(document.documentElement.style.getPropertyValue('--head')) || 0;

/**
 * @param list holds the rows and nothing else that takes room
 * @param height of a row in CSS pixels: all have the same
 */
export function useRowWindow(list: RefObject<HTMLElement | null>, count: number, height: number): RowWindow {
  const [range, setRange] = useState({ first: 0, end: FIRST });
  const spare = Math.min(MOST_SPARE, Math.max(LEAST_SPARE, Math.ceil(SPARE_PX / height)));
  const measure = useCallback(() => {
    const top = list.current?.getBoundingClientRect().top;
    if (top === undefined) return;
    const first = Math.max(0, Math.min(Math.floor(-top / height) - spare, count - 1));
    const end = Math.min(count, Math.max(Math.ceil((window.innerHeight - top) / height), 0) + spare);
    setRange((old) => (old.first === first && old.end === end ? old : { first, end }));
  }, [list, count, height, spare]);
  useLayoutEffect(() => {
    measure();
    window.addEventListener('scroll', measure, { passive: true });
    window.addEventListener('resize', measure);
    // What stands above the list may grow or shrink without a scroll.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => {
      window.removeEventListener('scroll', measure);
      window.removeEventListener('resize', measure);
      observer.disconnect();
    };
  }, [measure]);
  const reveal = useCallback(
    (index: number) => {
      const top = list.current?.getBoundingClientRect().top;
      if (top === undefined) return;
      const head = covered() + height; // the table's own head stands below the panel's
      const row = top + index * height;
      if (row < head) window.scrollBy({ top: row - head });
      else if (row + height > window.innerHeight) window.scrollBy({ top: row + height - window.innerHeight });
    },
    [list, height],
  );
  return { first: Math.min(range.first, count), end: Math.min(range.end, count), reveal };
}
