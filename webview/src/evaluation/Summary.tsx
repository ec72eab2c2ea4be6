/** What the set says as a whole: numbers, doubts, and the confusion matrix, whose cells lead to their pictures. */
import type { Metrics, Summary as SetSummary } from '../../../protocol/evaluation';
import { Matrix } from './Matrix';
import { percent } from '../text/numbers';
import { digits, whole } from './numbers';
import { EVERYTHING, WORST, type Look } from './rows';
import type { Opened, Send } from './state';

interface Props {
  readonly opened: Opened;
  readonly look: Look;
  readonly send: Send;
}

export function Summary({ opened, look, send }: Props) {
  const { evaluation, notes } = opened;
  const { rows, metrics, unmeasured } = evaluation.summary;
  const shown = evaluation.columns.path.length;
  return (
    <>
      <Head opened={opened} look={look} send={send} />
      {notes.map((note) => (
        <p key={note} class="warning">
          {note}
        </p>
      ))}
      {unmeasured !== null && <p class="warning">No metrics: {unmeasured}</p>}
      {shown < rows.all && (
        <p class="warning">
          The gallery shows the first {whole(shown)} pictures; numbers and charts are of all.
        </p>
      )}
      <Order opened={opened} send={send} />
      <Tiles summary={evaluation.summary} look={look} />
      {metrics?.undefined.map((reason) => (
        <p key={reason} class="muted">
          {reason}
        </p>
      ))}
      {metrics !== null && <Matrix metrics={metrics} evaluation={evaluation} look={look} />}
    </>
  );
}

function Head({ opened, look, send }: Props) {
  const { evaluation, name, again } = opened;
  const { model, device, summary } = evaluation;
  const facts = [
    model.name,
    model.architecture,
    `${whole(summary.rows.all)} pictures`,
    `on ${device}`,
    `weights ${model.sha256.slice(0, 12)}`,
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
          {summary.worst.length > 0 ? 'Worst cases' : 'Pictures'}
        </button>
        <Open what="table" send={send} label="Open the table" />
        <Open what="summary" send={send} label="Open the summary" />
        <Open what="folder" send={send} label="Show the files" />
        {again && (
          <button
            onClick={() => {
              send({ type: 'again' });
            }}
          >
            Evaluate again
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

/** Other names of the classes under which far more verdicts would be right. */
function Order({ opened, send }: { readonly opened: Opened; readonly send: Send }) {
  const better = opened.evaluation.summary.order?.better ?? null;
  if (better === null) return null;
  const { asLabelled } = opened.evaluation.summary.order ?? { asLabelled: 0 };
  return (
    <div class="problem">
      <p>
        <strong>The order of the classes is in doubt:</strong> {percent(asLabelled)} of the verdicts are right
        as labeled, {percent(better.accuracy)} if {better.supposition}.
      </p>
      <p class="muted">
        <code>{`"labels": ${JSON.stringify(better.labels.slice(0, 12))}${better.labels.length > 12 ? ` and ${better.labels.length - 12} more` : ''}`}</code>
      </p>
      <div class="bar">
        <button
          onClick={() => {
            send({ type: 'adopt' });
          }}
        >
          Write these labels to the lens
        </button>
      </div>
    </div>
  );
}

function Tiles({ summary, look }: { readonly summary: SetSummary; readonly look: Look }) {
  const { rows, metrics, suspects, layers } = summary;
  return (
    <div class="tiles">
      {metrics !== null && <MetricTiles metrics={metrics} />}
      <Tile
        name="Could not be evaluated"
        value={whole(rows.failed)}
        onClick={() => look({ outcome: 'failed' })}
      />
      {suspects !== null && (
        <Tile
          name="Suspected label errors"
          value={whole(suspects.count)}
          onClick={() => look({ outcome: 'suspect', sort: 'loss', descending: true })}
        />
      )}
      {layers.map(({ name, border, box, mask }) => (
        <Tile
          key={name}
          name={[
            `${name}: heatmap in the border (even: 43.8%)`,
            ...(box === null ? [] : [`${percent(box)} in the box`]),
            ...(mask === null ? [] : [`${percent(mask)} in the mask`]),
          ].join(', ')}
          value={border === null ? 'none' : percent(border)}
          onClick={() => look({ sort: 'border', descending: true })}
        />
      ))}
    </div>
  );
}

function MetricTiles({ metrics }: { readonly metrics: Metrics }) {
  const { accuracy, macro, logLoss, ece, rows } = metrics;
  const values: readonly (readonly [string, string])[] = [
    [`Accuracy, of ${whole(rows)}`, accuracy === null ? 'not defined' : percent(accuracy)],
    ['Mean F1', digits(macro.f1)],
    ['Mean ROC AUC', digits(macro.rocAuc)],
    ['Log loss', digits(logLoss)],
    ['Calibration error', digits(ece)],
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
