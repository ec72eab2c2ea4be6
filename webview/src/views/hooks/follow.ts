/** Keeps a table's selected row in view when the selection moves; a page that has just opened stays where it is. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function useFollow(body: RefObject<HTMLElement | null>, selected: string | null): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    const before = last.current;
    last.current = selected;
    if (before === null || before === selected) return;
    body.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [body, selected]);
}
