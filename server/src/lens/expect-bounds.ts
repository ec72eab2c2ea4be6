/** Bounds in `expect` that fit its schema and mean nothing: without an end everything passes, and with the ends exchanged nothing does. */
import type { Bounds, Expect } from '../../../protocol/expect';

export interface Senseless {
  /** Keys and indexes that lead there, below `expect`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export function senselessBounds({
  accuracy,
  confidence,
  probability,
  attention = [],
}: Expect): readonly Senseless[] {
  return [
    ...of(accuracy, 'accuracy'),
    ...of(confidence, 'confidence'),
    ...of(probability, 'probability'),
    ...attention.flatMap((each, index) => of(each, 'attention', index)),
  ];
}

function of(bounds: Bounds | undefined, ...path: readonly (string | number)[]): readonly Senseless[] {
  if (bounds === undefined) return [];
  const { least, most } = bounds;
  const name = path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${key}`),
    'expect',
  );
  if (least === undefined && most === undefined)
    return [{ path, message: `${name}: expected "least", "most" or both, found neither.` }];
  if (least !== undefined && most !== undefined && least > most)
    return [
      { path, message: `${name}: expected "least" to be no more than "most", found ${least} and ${most}.` },
    ];
  return [];
}
