/** What another threshold for one class would give: a slider over its probability. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { OpenedEvaluation } from '../../../protocol/evaluation';
import type { PageState, Send } from './state';
import { percent } from '../text/numbers';
import { Choice } from './Choice';
import { digits, whole } from './numbers';
import { atThreshold, type AtThreshold } from './atThreshold';
import { t } from '../l10n';

interface Props {
  readonly evaluation: OpenedEvaluation;
  readonly scores: PageState['scores'];
  readonly send: Send;
}

export function Threshold({ evaluation, scores, send }: Props) {
  const { columns, classes, summary, threshold: given } = evaluation;
  const listed = useMemo(
    () => summary.metrics?.classes.filter(({ support }) => support > 0) ?? [],
    [summary],
  );
  const options = useMemo(() => listed.map(({ index, label }) => [index, label] as const), [listed]);
  const [chosen, choose] = useState(listed.at(-1)?.index ?? 0);
  const [threshold, setThreshold] = useState(given ?? 0.5);
  const [isOpen, open] = useState(false);
  useEffect(() => {
    if (isOpen) send({ type: 'wantScores', class: chosen });
  }, [isOpen, chosen]);
  const values = scores?.class === chosen ? scores.values : null;
  const found = useMemo(() => {
    if (values === null) return null;
    const isClass = (row: number): boolean | null => {
      const of = columns.labelClass[row] ?? -1;
      return of < 0 ? null : of === chosen;
    };
    return atThreshold(values, isClass, threshold);
  }, [values, chosen, threshold, columns]);
  if (listed.length === 0) return null;
  return (
    <details
      class="threshold"
      onToggle={({ currentTarget }) => {
        open(currentTarget.open);
      }}
    >
      <summary>{t('Threshold: what another one would give')}</summary>
      <div class="bar">
        <Choice
          name={t('Class')}
          value={chosen}
          options={options}
          onChange={(text) => choose(Number(text))}
        />
        <label class="slider">
          {t('Probability at least')} <output>{threshold.toFixed(3)}</output>
          <input
            type="range"
            min="0"
            max="1"
            step="0.001"
            value={threshold}
            onInput={({ currentTarget }) => {
              setThreshold(Number(currentTarget.value));
            }}
          />
        </label>
      </div>
      {found === null ? (
        <p role="status">{t('Reading probabilities…')}</p>
      ) : (
        <Numbers found={found} name={classes[chosen] ?? ''} />
      )}
    </details>
  );
}

function Numbers({ found, name }: { readonly found: AtThreshold; readonly name: string }) {
  const accuracy = found.accuracy === null ? t('not defined') : percent(found.accuracy);
  const rows: readonly (readonly (readonly [string, string | number])[])[] = [
    [
      [t('true positives'), found.truePositives],
      [t('false positives'), found.falsePositives],
      [t('precision'), digits(found.precision)],
      [t('F1'), digits(found.f1)],
    ],
    [
      [t('false negatives'), found.falseNegatives],
      [t('true negatives'), found.trueNegatives],
      [t('recall'), digits(found.recall)],
      [t('accuracy'), accuracy],
    ],
  ];
  return (
    <>
      <div class="wide">
        <table class="numbers" aria-label={t('At this threshold, {0} against the rest', name)}>
          <tbody>
            {rows.map((cells) => (
              <tr key={cells[0]?.[0]}>
                {cells.map(([what, value]) => [
                  <th key={what} scope="row">
                    {what}
                  </th>,
                  <td key={`${what} value`}>{value}</td>,
                ])}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.left > 0 && (
        <p class="muted">
          {found.left === 1
            ? t('One picture without a label or a probability is not counted.')
            : t('{0} pictures without a label or a probability are not counted.', whole(found.left))}
        </p>
      )}
    </>
  );
}
