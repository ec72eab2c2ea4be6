/** How much of the page's upper edge the panel's head covers, as the style sheet's `--head`: what sticks stands below it. */
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

export function useHeadHeight(head: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = head.current;
    if (!element) return undefined;
    const root = document.documentElement;
    const measure = () => {
      // On a low screen the head goes with the page, and covers nothing.
      const sticks = getComputedStyle(element).position === 'sticky';
      root.style.setProperty('--head', `${sticks ? element.offsetHeight : 0}px`);
    };
    // After all other effects of this frame: it changes the page's style, and what they measure would be laid out again.
    queueMicrotask(measure);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    window.addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
    };
  }, [head]);
}
