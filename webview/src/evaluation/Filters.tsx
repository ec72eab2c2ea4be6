/** What the gallery shows, and in which order. */
import { useMemo } from 'preact/hooks';
import type { OpenedEvaluation } from '../../../protocol/evaluation';
import { Choice } from './Choice';
import type { Lookup, Outcome, Query, Sort } from './rows';
import { EVERYTHING, WORST } from './rows';
import { t } from '../l10n';

interface Props {
  readonly evaluation: OpenedEvaluation;
  readonly lookup: Lookup;
  readonly query: Query;
  readonly setQuery: (query: Query) => void;
  readonly layer: number | null;
  readonly setLayer: (layer: number | null) => void;
  readonly isHeatShown: boolean;
  readonly showHeat: (shown: boolean) => void;
}

const OUTCOMES: readonly (readonly [Outcome, string])[] = [
  ['all', t('any')],
  ['wrong', t('wrong')],
  ['right', t('right')],
  ['failed', t('could not be evaluated')],
  ['unlabeled', t('without a label')],
  ['suspect', t('suspected label error')],
];

const SORTS: readonly (readonly [Sort, string])[] = [
  ['place', t('order of the set')],
  ['path', t('path')],
  ['label', t('label')],
  ['verdict', t('verdict')],
  ['confidence', t('confidence')],
  ['loss', t('loss')],
];

const PLACES = [
  ['border', t('attention in the border')],
  ['box', t('attention in the box')],
  ['face', t('attention in the face')],
  ['mask', t('attention in the mask')],
] as const;

export function Filters(props: Props) {
  const { query, setQuery } = props;
  const change = (part: Partial<Query>): void => {
    setQuery({ ...query, ...part });
  };
  return (
    <div class="filters">
      <input
        type="search"
        aria-label={t('Find in paths')}
        placeholder={t('Find in paths')}
        value={query.text}
        onInput={({ currentTarget }) => {
          change({ text: currentTarget.value });
        }}
      />
      <Which {...props} change={change} />
      <Order {...props} change={change} />
      <Heat {...props} />
      <button
        onClick={() => {
          setQuery(WORST);
        }}
      >
        {t('Worst cases')}
      </button>
      <button
        onClick={() => {
          setQuery(EVERYTHING);
        }}
      >
        {t('All')}
      </button>
    </div>
  );
}

type Changing = Props & { readonly change: (part: Partial<Query>) => void };

const ANY = ['', t('any')] as const;

function Which({ evaluation: { columns, classes }, lookup, query, change }: Changing) {
  // Thousands of them with thousands of classes, while every picture that arrives renders the page again.
  const labels = useMemo(
    () => [ANY, ...columns.labels.map((label, index) => [index, label] as const)],
    [columns],
  );
  const verdicts = useMemo(() => {
    const found = [...new Set(columns.predicted)].filter((index) => index >= 0).sort((a, b) => a - b);
    return [ANY, ...found.map((index) => [index, classes[index] ?? ''] as const)];
  }, [columns, classes]);
  return (
    <>
      <Choice
        name={t('Verdict is')}
        value={query.outcome}
        options={OUTCOMES}
        onChange={(outcome) => change({ outcome: outcome as Outcome })}
      />
      <Choice
        name={t('Label')}
        value={query.label ?? ''}
        options={labels}
        onChange={(text) => change({ label: numberIn(text) })}
      />
      <Choice
        name={t('Verdict')}
        value={query.predicted ?? ''}
        options={verdicts}
        onChange={(text) => change({ predicted: numberIn(text) })}
      />
      {lookup.codes.length > 0 && (
        <Choice
          name={t('Warning')}
          value={query.warning ?? ''}
          options={[ANY, ...lookup.codes.map((code) => [code, code] as const)]}
          onChange={(text) => change({ warning: text === '' ? null : text })}
        />
      )}
    </>
  );
}

function Order({ evaluation: { columns }, layer, query, change }: Changing) {
  const measured = layer === null ? undefined : columns.attention[layer];
  const places = PLACES.filter(([key]) => (measured?.[key] ?? null) !== null);
  return (
    <>
      <Choice
        name={t('Sorted by')}
        value={query.sort}
        options={[...SORTS, ...places]}
        onChange={(sort) => change({ sort: sort as Sort })}
      />
      <button
        aria-pressed={query.descending}
        onClick={() => {
          change({ descending: !query.descending });
        }}
      >
        {query.descending ? t('Largest first') : t('Smallest first')}
      </button>
    </>
  );
}

function Heat({ evaluation: { columns }, layer, setLayer, isHeatShown, showHeat }: Props) {
  if (columns.attention.length === 0) return null;
  return (
    <>
      {columns.attention.length > 1 && (
        <Choice
          name={t('Layer')}
          value={layer ?? ''}
          options={columns.attention.map(({ layer: name }, index) => [index, name] as const)}
          onChange={(text) => setLayer(numberIn(text))}
        />
      )}
      <label>
        <input
          type="checkbox"
          checked={isHeatShown}
          onChange={({ currentTarget }) => {
            showHeat(currentTarget.checked);
          }}
        />{' '}
        {t('Heatmaps')}
      </label>
    </>
  );
}

const numberIn = (text: string): number | null => (text === '' ? null : Number(text));
