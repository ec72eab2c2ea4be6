/** A warning as data: the facts that it needs, and what it finds in them. It can read only what it names. */
import type { Report, WarningCode, WarningReport } from '../../../../../protocol/report';
import type { PassedOver } from '../../../lens/sources/files';

/** What rules can read; `untrained` is known before the network is loaded. */
export type Facts = Omit<Report, 'warnings'> & {
  readonly untrained: boolean;
  /** The warning that the lens belongs to another network; null where it does not. */
  readonly borrowed: string | null;
  /** Pixels of the network's input for one of the picture, along each axis. */
  readonly scale: { readonly x: number; readonly y: number };
  /** Files beside the weights that were not read. */
  readonly passedOver: readonly PassedOver[];
};

export interface Rule {
  /** The rule is not applied before all of these are known. */
  readonly needs: readonly (keyof Facts)[];
  readonly find: (facts: Facts) => Found;
}

type Found = WarningReport | readonly WarningReport[] | null;

export const rule = <Need extends keyof Facts>(
  needs: readonly Need[],
  find: (facts: Pick<Facts, Need>) => Found,
): Rule => ({ needs, find });

export const warn = (code: WarningCode, message: string, layers: readonly string[] = []): WarningReport => ({
  code,
  message,
  layers,
});

/** To four digits. */
export const number = (value: number): string => String(Number(value.toPrecision(4)));
