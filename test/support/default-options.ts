/** An analysis of which nothing is asked. The output folder is a name, to be resolved. */
import { optionRows, type AnalysisOptions } from '../../protocol/options';

export const DEFAULT_OPTIONS = Object.fromEntries(
  optionRows.map(({ name, default: otherwise }) => [name, otherwise]),
) as unknown as AnalysisOptions;
