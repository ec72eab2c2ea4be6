/** Hides a picture whose file is gone, as after a run that was stopped, where a browser would draw a broken one. */
import { useEffect } from 'preact/hooks';

export function useMissingPictures(): void {
  useEffect(() => {
    const mark = (event: Event) => {
      if (event.target instanceof HTMLImageElement)
        event.target.classList.toggle('picture-missing', event.type === 'error');
    };
    // Neither event bubbles, so both are caught on their way down.
    document.addEventListener('error', mark, true);
    document.addEventListener('load', mark, true);
    return () => {
      document.removeEventListener('error', mark, true);
      document.removeEventListener('load', mark, true);
    };
  }, []);
}
