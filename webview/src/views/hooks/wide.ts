/** Whether an element is at least so many CSS pixels wide, followed as it is resized. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

export function useWide(ref: RefObject<HTMLElement | null>, width: number): boolean {
  const [wide, setWide] = useState(false);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    setWide(element.clientWidth >= width);
    const observer = new ResizeObserver(() => {
      setWide(element.clientWidth >= width);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [ref, width]);
  return wide;
}
