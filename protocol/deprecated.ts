/** Options that are deprecated: which of them are set, and what replaces them. */
import { optionRows, type AnalysisOptions, type NamedOption } from './options';

/** A deprecated option that is set. */
export interface Deprecated {
  readonly row: NamedOption;
  readonly value: string;
  /** The row that replaces it. */
  readonly instead: NamedOption;
  /** The newer option is set too, and wins. */
  readonly overruled: boolean;
}

export const deprecatedIn = (options: AnalysisOptions): readonly Deprecated[] =>
  optionRows.flatMap((row) => {
    const instead = optionRows.find(({ name }) => name === row.replacedBy);
    const value = options[row.name];
    if (instead === undefined || typeof value !== 'string') return [];
    return [{ row, value, instead, overruled: options[instead.name] !== instead.default }];
  });
