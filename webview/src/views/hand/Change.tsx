/** The verdict of the edited input beside that of the report: which classes moved, and how far. */
import type { ClassifierReport } from '../../../../protocol/report';
import type { QuickVerdict } from '../../../../protocol/requests';
import { classRows, type ClassRow } from '../../text/classes';
import { decimals, percent, real } from '../../text/numbers';
import { t } from '../../l10n';
import { Bar } from '../Bar';

export interface ChangeProps {
  /** What the edited input is compared with, and what that is; null where there is no report. */
  readonly before: { readonly classifier: ClassifierReport; readonly title: string } | null;
  /** Null where nothing was asked yet. */
  readonly now: ClassifierReport | null;
  readonly verdict: QuickVerdict | null;
  /** One that came is not that of what is drawn now. */
  readonly waiting: boolean;
}

/** Rows of a table that is read at a glance. */
const MOST = 5;

export function Change({ before, now, verdict, waiting }: ChangeProps) {
  const shown = rowsOf(before?.classifier ?? null, now);
  if (shown.length === 0) return null;
  const untrained = verdict?.untrained === true;
  return (
    <div class={waiting ? 'hand-change hand-change-waiting' : 'hand-change'} aria-busy={waiting}>
      <p class="hand-verdict" role="status">
        {sentence(before, now)}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('Class')}</th>
            {before && <th scope="col">{before.title}</th>}
            <th scope="col">{t('Now')}</th>
            {before && <th scope="col">{t('Change')}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ row, old }) => (
            <tr key={row.index}>
              <th scope="row" class="ellipsis">
                {row.label}
                {row.probability !== null && <Bar share={real(row.probability)} />}
              </th>
              {before && <td class="number">{valueOf(old)}</td>}
              <td class="number">{now === null ? '' : valueOf(row)}</td>
              {before && <td class="number">{now === null ? '' : differenceOf(old, row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {untrained && (
        <p class="small">{t('Untrained demo weights: none of this says anything about the image.')}</p>
      )}
    </div>
  );
}

const order = ({ probability, logit }: ClassRow): number => real(probability ?? logit ?? '-Infinity') || 0;

/** The most probable classes of both, in the order of what is now. */
function rowsOf(before: ClassifierReport | null, now: ClassifierReport | null) {
  const latest = now ?? before;
  if (latest === null) return [];
  const rows = classRows(latest);
  const old = before === null ? [] : classRows(before);
  const first = (of: readonly ClassRow[], count: number) =>
    of.toSorted((a, b) => order(b) - order(a)).slice(0, count);
  const indices = new Set([...first(old, 2), ...first(rows, MOST)].map(({ index }) => index));
  return rows
    .filter(({ index }) => indices.has(index))
    .toSorted((a, b) => order(b) - order(a))
    .slice(0, MOST + 2)
    .map((row) => ({ row, old: old[row.index] ?? null }));
}

const valueOf = (row: ClassRow | null): string =>
  row === null ? '' : row.probability === null ? decimals(row.logit ?? 'NaN') : percent(row.probability);

/** In percentage points, or of logits. */
function differenceOf(old: ClassRow | null, now: ClassRow): string {
  if (old === null) return '';
  const inPoints = old.probability !== null && now.probability !== null;
  const [from, to] =
    old.probability !== null && now.probability !== null
      ? [100 * real(old.probability), 100 * real(now.probability)]
      : [real(old.logit ?? 'NaN'), real(now.logit ?? 'NaN')];
  const difference = to - from;
  if (!Number.isFinite(difference)) return '';
  // A change of which the rounded probabilities show nothing, or too much, is still one.
  const size = Math.abs(difference).toFixed(!inPoints ? 3 : Math.abs(difference) < 1 ? 2 : 1);
  return Number(size) === 0 ? '0' : `${difference < 0 ? '−' : '+'}${size}`;
}

/** Such as `real 92.8% → fake 61.0%`. */
function sentence(before: ChangeProps['before'], now: ClassifierReport | null): string {
  const verdictText = ({ predicted, confidence }: ClassifierReport): string =>
    confidence === null ? predicted.label : `${predicted.label} ${percent(confidence)}`;
  if (now === null) return before === null ? '' : verdictText(before.classifier);
  const [from, to] = [before === null ? null : verdictText(before.classifier), verdictText(now)];
  return from === null || from === to ? to : `${from} → ${to}`;
}
