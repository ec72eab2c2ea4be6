/** Keeps a table's selected row in view when the reader moves the selection; otherwise the page stays where it is. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** @param chosen whether the reader took the selected row; one that moves by itself is not followed */
export function useFollow(
  body: RefObject<HTMLElement | null>,
  selected: string | null,
  chosen: boolean,
): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    const before = last.current;
    last.current = selected;
    if (!chosen || before === null || before === selected) return;
    body.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [body, selected, chosen]);
}
