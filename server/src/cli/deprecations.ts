/** Says which of the given options are deprecated, and what to write instead; not where quiet is requested. */
import { deprecatedIn } from '../../../protocol/deprecated';
import type { AnalysisOptions, NamedOption } from '../../../protocol/options';
import type { Terminal } from './terminal';

const typed = ({ name, flag }: NamedOption): string => `--${flag?.name ?? name}`;

/** One line for each, on standard error. */
export function noteDeprecations(options: AnalysisOptions, terminal: Terminal): void {
  for (const { row, value, instead, overruled } of deprecatedIn(options))
    terminal.note(
      overruled
        ? `note: ${typed(row)} is deprecated, and ignored because ${typed(instead)} is given.`
        : `note: ${typed(row)} is deprecated; use ${typed(instead)} ${value} instead.`,
    );
}
