/** Keeps an element in view while the page scrolls beside it; of one that is taller than the view, scrolling on shows the other end. */
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

const SPACE = 8;

/** @param shown what the element shows: where that changes, its upper end is in view */
export function useKeepInView(ref: RefObject<HTMLElement | null>, on: boolean, shown: unknown): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || !on) return undefined;
    let top = Infinity;
    let scrolled = window.scrollY;
    const place = () => {
      const head = Number.parseFloat(document.documentElement.style.getPropertyValue('--head')) || 0;
      const highest = head + SPACE;
      const lowest = Math.min(highest, window.innerHeight - element.offsetHeight - SPACE);
      top = Math.min(Math.max(top - (window.scrollY - scrolled), lowest), highest);
      scrolled = window.scrollY;
      element.style.top = `${top}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    window.addEventListener('resize', place);
    window.addEventListener('scroll', place, { passive: true });
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', place);
      window.removeEventListener('scroll', place);
      element.style.top = '';
    };
  }, [ref, on, shown]);
}
