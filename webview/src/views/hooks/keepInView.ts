/** Keeps an element in view while the page scrolls beside it; one that is taller than the view sticks by its lower end. */
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

const SPACE = 8;

export function useKeepInView(ref: RefObject<HTMLElement | null>, on: boolean): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || !on) return undefined;
    const place = () => {
      const head = Number.parseFloat(document.documentElement.style.getPropertyValue('--head')) || 0;
      const top = Math.min(head + SPACE, window.innerHeight - element.offsetHeight - SPACE);
      element.style.top = `${top}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    window.addEventListener('resize', place);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', place);
      element.style.top = '';
    };
  }, [ref, on]);
}
