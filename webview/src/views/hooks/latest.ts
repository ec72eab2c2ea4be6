/** The same function in every render, which does what the last one's would. */
import { useCallback, useRef } from 'preact/hooks';

export function useLatest<Arguments extends readonly unknown[], Result>(
  act: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  const latest = useRef(act);
  latest.current = act;
  return useCallback((...given: Arguments) => latest.current(...given), []);
}
