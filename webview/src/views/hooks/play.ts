/** Walking through the layers by itself until the last one, a pause, or the end of the view. */
import { useCallback, useEffect, useState } from 'preact/hooks';

/** Long enough to see a picture, short enough for 46 of them. */
const interval = 700;

export interface Play {
  readonly playing: boolean;
  readonly toggle: () => void;
}

/** `step` moves by a number of layers and returns whether it could. */
export function usePlay(step: (by: number) => boolean): Play {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => {
      if (!step(1)) setPlaying(false);
    }, interval);
    return () => {
      clearTimeout(timer);
    };
  }, [playing, step]);
  const toggle = useCallback(() => {
    setPlaying((on) => !on);
  }, []);
  return { playing, toggle };
}
