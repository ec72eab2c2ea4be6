/** What the set says as a whole: numbers, doubts, and the confusion matrix, whose cells lead to their pictures. */
import type { Metrics, SeveralMetrics, Summary as SetSummary } from '../../../protocol/evaluation';
import { Duplicates } from './Duplicates';
import { Video } from './Video';
import { Matrix } from './Matrix';
import { percent } from '../text/numbers';
import { deviceTitle } from '../text/words';
import { digits, whole } from './numbers';
import { EVERYTHING, WORST, type Look } from './rows';
import type { Opened, Send } from './state';
import { t } from '../l10n';

interface Props {
  readonly opened: Opened;
  readonly look: Look;
  readonly send: Send;
}

export function Summary({ opened, look, send }: Props) {
  const { evaluation, notes } = opened;
  const { rows, metrics, unmeasured, video, duplicates } = evaluation.summary;
  const shown = evaluation.columns.path.length;
  return (
    <>
      <Head opened={opened} look={look} send={send} />
      {notes.map((note) => (
        <p key={note} class="warning">
          {note}
        </p>
      ))}
      {video !== undefined && <Video video={video} send={send} />}
      {unmeasured !== null && video === undefined && (
        <p class="warning">{t('No metrics: {0}', unmeasured)}</p>
      )}
      {shown < rows.all && (
        <p class="warning">
          {t('The gallery shows the first {0} pictures; numbers and charts are of all.', whole(shown))}
        </p>
      )}
      <Order opened={opened} send={send} />
      <Tiles summary={evaluation.summary} look={look} />
      {metrics?.undefined.map((reason) => (
        <p key={reason} class="muted">
          {reason}
        </p>
      ))}
      {duplicates !== undefined && duplicates.groups > 0 && (
        <Duplicates duplicates={duplicates} send={send} />
      )}
      {metrics !== null && <Matrix metrics={metrics} evaluation={evaluation} look={look} />}
    </>
  );
}

function Head({ opened, look, send }: Props) {
  const { evaluation, name, again } = opened;
  const { model, device, summary } = evaluation;
  const facts = [
    model.name,
    model.architecture === 'onnx' ? 'ONNX' : model.architecture,
    summary.rows.all === 1 ? t('1 picture') : t('{0} pictures', whole(summary.rows.all)),
    t('on {0}', deviceTitle(device)),
    `SHA-256 ${model.sha256.slice(0, 12)}…`,
  ];
  return (
    <header>
      <h1>{name}</h1>
      <p class="facts">{facts.join(' · ')}</p>
      <div class="bar">
        <button
          class="primary"
          onClick={() => {
            look(summary.worst.length > 0 ? WORST : EVERYTHING);
          }}
        >
          {summary.worst.length > 0 ? t('Worst cases') : t('Pictures')}
        </button>
        <Open what="table" send={send} label={t('Open the table')} />
        <Open what="summary" send={send} label={t('Open the summary')} />
        <Open what="folder" send={send} label={t('Show the files')} />
        {again && (
          <button
            onClick={() => {
              send({ type: 'again' });
            }}
          >
            {t('Evaluate again')}
          </button>
        )}
      </div>
    </header>
  );
}

function Open({
  what,
  send,
  label,
}: {
  readonly what: 'table' | 'summary' | 'folder';
  readonly send: Send;
  readonly label: string;
}) {
  return (
    <button
      onClick={() => {
        send({ type: 'open', what });
      }}
    >
      {label}
    </button>
  );
}

/** Labels that are shown. */
const MOST_LABELS = 12;

/** Other names of the classes under which far more verdicts would be right. */
function Order({ opened, send }: { readonly opened: Opened; readonly send: Send }) {
  const better = opened.evaluation.summary.order?.better ?? null;
  if (better === null) return null;
  const { asLabelled } = opened.evaluation.summary.order ?? { asLabelled: 0 };
  return (
    <div class="problem">
      <p>
        <strong>{t('The order of the classes is in doubt:')}</strong>{' '}
        {t(
          '{0} of the verdicts are right as labeled, {1} if {2}.',
          percent(asLabelled),
          percent(better.accuracy),
          better.supposition,
        )}
      </p>
      <p class="muted">
        <code>{`"labels": ${JSON.stringify(better.labels.slice(0, MOST_LABELS))}`}</code>
        {better.labels.length > MOST_LABELS && ` ${t('and {0} more', better.labels.length - MOST_LABELS)}`}
      </p>
      <div class="bar">
        <button
          onClick={() => {
            send({ type: 'adopt' });
          }}
        >
          {t('Write these labels to the lens')}
        </button>
      </div>
    </div>
  );
}

/** Share of the border where a heatmap is the same everywhere. */
const EVEN_BORDER = 0.4375;

function Tiles({ summary, look }: { readonly summary: SetSummary; readonly look: Look }) {
  const { rows, metrics, suspects, layers, several } = summary;
  return (
    <div class="tiles">
      {metrics !== null && <MetricTiles metrics={metrics} />}
      {several !== undefined && <SeveralTiles several={several} />}
      <Tile
        name={t('Could not be evaluated')}
        value={whole(rows.failed)}
        onClick={() => look({ outcome: 'failed' })}
      />
      {suspects !== null && (
        <Tile
          name={t('Suspected label errors')}
          value={whole(suspects.count)}
          onClick={() => look({ outcome: 'suspect', sort: 'loss', descending: true })}
        />
      )}
      {layers.map(({ name, border, box, mask }) => (
        <Tile
          key={name}
          name={[
            t('{0}: heatmap in the border (even: {1})', name, percent(EVEN_BORDER)),
            ...(box === null ? [] : [t('{0} in the box', percent(box))]),
            ...(mask === null ? [] : [t('{0} in the mask', percent(mask))]),
          ].join(', ')}
          value={border === null ? t('none') : percent(border)}
          onClick={() => look({ sort: 'border', descending: true })}
        />
      ))}
    </div>
  );
}

function SeveralTiles({ several }: { readonly several: SeveralMetrics }) {
  const { rows, subsetAccuracy, hammingLoss, micro, macro } = several;
  const values: readonly (readonly [string, string])[] = [
    [t('All labels right, of {0}', whole(rows)), percent(subsetAccuracy)],
    [t('Hamming loss'), digits(hammingLoss)],
    [t('F1 of all together'), digits(micro.f1)],
    [t('Mean F1'), digits(macro.f1)],
    [t('Mean average precision'), digits(macro.averagePrecision)],
    [t('Mean ROC AUC'), digits(macro.rocAuc)],
  ];
  return (
    <>
      {values.map(([name, value]) => (
        <Tile key={name} name={name} value={value} />
      ))}
    </>
  );
}

function MetricTiles({ metrics }: { readonly metrics: Metrics }) {
  const { accuracy, macro, logLoss, ece, rows } = metrics;
  const values: readonly (readonly [string, string])[] = [
    [t('Accuracy, of {0}', whole(rows)), accuracy === null ? t('not defined') : percent(accuracy)],
    [t('Mean F1'), digits(macro.f1)],
    [t('Mean ROC AUC'), digits(macro.rocAuc)],
    [t('Log loss'), digits(logLoss)],
    [t('Calibration error'), digits(ece)],
  ];
  return (
    <>
      {values.map(([name, value]) => (
        <Tile key={name} name={name} value={value} />
      ))}
    </>
  );
}

function Tile({
  name,
  value,
  onClick,
}: {
  readonly name: string;
  readonly value: string;
  readonly onClick?: () => void;
}) {
  const inner = (
    <>
      <span class="value">{value}</span>
      <span class="muted">{name}</span>
    </>
  );
  return onClick === undefined ? (
    <div class="metric">{inner}</div>
  ) : (
    <button class="metric" onClick={onClick}>
      {inner}
    </button>
  );
}
