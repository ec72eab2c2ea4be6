/** Hides a picture whose file is gone, as after a run that was stopped, where a browser would draw a broken one. */
import { useEffect } from 'preact/hooks';

/** @param isReplaced called with the address of one that cannot be loaded; whether another address replaces it */
export function useMissingPictures(isReplaced: (address: string) => boolean): void {
  useEffect(() => {
    const mark = ({ target, type }: Event) => {
      if (!(target instanceof HTMLImageElement)) return;
      const missing = type === 'error' && !isReplaced(target.src);
      target.classList.toggle('picture-missing', missing);
    };
    // Neither event bubbles, so both are caught on their way down.
    document.addEventListener('error', mark, true);
    document.addEventListener('load', mark, true);
    return () => {
      document.removeEventListener('error', mark, true);
      document.removeEventListener('load', mark, true);
    };
  }, [isReplaced]);
}
