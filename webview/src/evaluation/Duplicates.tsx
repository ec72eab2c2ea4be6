/** Groups of pictures that are nearly the same; each picture opens its report. */
import type { DuplicateSummary } from '../../../protocol/evaluation';
import { t } from '../l10n';
import { whole } from './numbers';
import type { Send } from './state';

/** The summary has more. */
const MOST_GROUPS = 20;

export function Duplicates({
  duplicates,
  send,
}: {
  readonly duplicates: DuplicateSummary;
  readonly send: Send;
}) {
  const { pictures, groups, across, conflicting, first } = duplicates;
  return (
    <details>
      <summary>
        {t(
          'Nearly the same: {0} pictures in {1} groups; {2} in folders for training and for testing, {3} with labels that differ',
          whole(pictures),
          whole(groups),
          whole(across),
          whole(conflicting),
        )}
      </summary>
      <ul class="strongest">
        {first.slice(0, MOST_GROUPS).map((group) => (
          <li key={group.pictures[0]?.row}>
            {group.pictures.map(({ row, path, label }) => (
              <button
                key={row}
                onClick={() => {
                  send({ type: 'openReport', row });
                }}
              >
                {label === null ? path : `${path} (${label})`}
              </button>
            ))}
          </li>
        ))}
      </ul>
    </details>
  );
}
