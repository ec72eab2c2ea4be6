/** The model view: what the file is, how it would be fed, its modules and weights. */
import { useEffect, useReducer, useState } from 'preact/hooks';
import type { Failure } from '../../../protocol/failure';
import type { FromModelPage, ToModelPage } from '../../../protocol/model-panel';
import type { ModelPort, ModelRow, ModelStructure, WeightRow } from '../../../protocol/model-structure';
import { Bins } from './Bins';
import { Feeding } from './Feeding';
import { number, shapeText, short, whole } from './numbers';
import { nothing, reduce, type ModelState } from './state';
import { Tree } from './Tree';
import { t } from '../l10n';

type Send = (message: FromModelPage) => void;

export function App({ send }: { readonly send: Send }) {
  const [state, receive] = useReducer(reduce, nothing);
  const [selected, select] = useState<ModelRow | null>(null);
  useEffect(() => {
    const hear = ({ data }: MessageEvent<ToModelPage>): void => {
      receive(data);
    };
    window.addEventListener('message', hear);
    send({ type: 'ready' });
    return () => {
      window.removeEventListener('message', hear);
    };
  }, []);
  const { structure, failure } = state;
  if (failure !== null) return <Unreadable failure={failure} send={send} />;
  if (structure === null)
    return (
      <main>
        <p role="status">{t('Reading the file…')}</p>
      </main>
    );
  const weights = selected === null ? undefined : state.weights.get(selected.path);
  return (
    <main>
      <Head structure={structure} state={state} send={send} />
      <div class="cards">
        <Ports title={t('Inputs')} ports={structure.inputs} />
        <Ports title={t('Outputs')} ports={structure.outputs} />
        <Operators structure={structure} />
        <Notes structure={structure} />
      </div>
      <Feeding feeding={state.feeding} failure={state.notFed} send={send} />
      <Progress state={state} send={send} />
      <Tree rows={structure.rows} weights={state.weights} select={select} />
      {selected?.kind === 'tensor' && weights !== undefined && <Details row={selected} weights={weights} />}
    </main>
  );
}

function Unreadable({ failure, send }: { readonly failure: Failure; readonly send: Send }) {
  return (
    <main>
      <div role="alert" class="problem">
        <h1>{t('This file cannot be shown')}</h1>
        <p>{failure.message}</p>
        {failure.fix !== null && <p>{failure.fix}</p>}
        <button onClick={() => send({ type: 'reload' })}>{t('Try again')}</button>
      </div>
    </main>
  );
}

function origin({ format, madeBy }: ModelStructure): readonly string[] {
  if (format !== 'onnx') return [madeBy ?? t('network not known')];
  return madeBy === null ? [] : [t('written by {0}', madeBy)];
}

const formats: Readonly<Record<ModelStructure['format'], string>> = {
  onnx: 'ONNX',
  'torch-zip': 'PyTorch',
  'torch-legacy': t('PyTorch, format before 1.6'),
  safetensors: 'safetensors',
};

interface HeadProps {
  readonly structure: ModelStructure;
  readonly state: ModelState;
  readonly send: Send;
}

function Head({ structure, state, send }: HeadProps) {
  const { path, bytes, format, parameters } = structure;
  const flops = structure.flops ?? state.feeding?.flops ?? null;
  const facts = [
    formats[format],
    ...origin(structure),
    short(bytes, 'B'),
    t('{0} parameters', short(parameters)),
    ...(flops === null ? [] : [t('{0} for one picture', short(flops, 'FLOPs'))]),
  ];
  return (
    <header>
      <h1>{path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)}</h1>
      <p class="facts" title={t('{0} parameters; operations count two per multiply-add', whole(parameters))}>
        {facts.join(' · ')}
      </p>
      <div class="bar">
        <button class="primary" disabled={state.notFed !== null} onClick={() => send({ type: 'analyze' })}>
          {t('Analyze an image with this model…')}
        </button>
        <button onClick={() => send({ type: 'import' })}>{t('Keep in the model store…')}</button>
        <button onClick={() => send({ type: 'reload' })}>{t('Read again')}</button>
      </div>
    </header>
  );
}

function Ports({ title, ports }: { readonly title: string; readonly ports: readonly ModelPort[] }) {
  if (ports.length === 0) return null;
  return (
    <section class="card">
      <h2>{title}</h2>
      <ul>
        {ports.map(({ name, type, shape }) => (
          <li key={name}>
            <code>{name}</code> {type} {shape === null ? t('of unknown rank') : shapeText(shape)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How many operators are listed. */
const MOST_OPERATORS = 12;

function Operators({ structure: { operators } }: { readonly structure: ModelStructure }) {
  if (operators.length === 0) return null;
  const missing = operators.filter(({ gradient }) => gradient === 'missing');
  const listed = operators.slice(0, MOST_OPERATORS).map(({ name, count }) => `${count}\u00a0${name}`);
  const more = operators.length - listed.length;
  return (
    <section class="card">
      <h2>{t('Operators')}</h2>
      <p>
        {listed.join(', ')}
        {more > 0 && ` ${t('and {0} more kinds', more)}`}
      </p>
      {missing.length > 0 ? (
        <p class="warning">
          {t(
            'Without a gradient rule: {0}. Layers in front of them have activations but no heatmaps.',
            missing.map(({ name }) => name).join(', '),
          )}
        </p>
      ) : (
        <p class="muted">{t('All of them have a gradient rule or end the gradient by what they compute.')}</p>
      )}
    </section>
  );
}

function Notes({ structure: { notes, metadata } }: { readonly structure: ModelStructure }) {
  if (notes.length + metadata.length === 0) return null;
  return (
    <section class="card">
      <h2>{t('About the file')}</h2>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {metadata.length > 0 && (
        <details>
          <summary>{t('Metadata, {0}', metadata.length)}</summary>
          <dl>
            {metadata.map(({ key, value }) => [
              <dt key={`${key} key`}>{key}</dt>,
              <dd key={key}>{value}</dd>,
            ])}
          </dl>
        </details>
      )}
    </section>
  );
}

function Progress({ state, send }: { readonly state: ModelState; readonly send: Send }) {
  const all = state.structure?.rows.filter(({ kind }) => kind === 'tensor').length ?? 0;
  const { reading, weights, weightsFailure } = state;
  if (reading === 'done' && weightsFailure === null)
    return (
      <p role="status" class="muted">
        {t('Statistics of all {0} weights are read.', all)}
      </p>
    );
  return (
    <div class="bar">
      <p role="status">
        {weightsFailure !== null
          ? t('Reading the weights failed: {0} {1}', weightsFailure.message, weightsFailure.fix ?? '')
          : t('Statistics of {0} of {1} weights are read.', weights.size, all)}
      </p>
      {reading === 'reading' ? (
        <button onClick={() => send({ type: 'stopWeights' })}>{t('Stop reading')}</button>
      ) : (
        <button onClick={() => send({ type: 'readWeights' })}>{t('Continue reading')}</button>
      )}
    </div>
  );
}

function Details({ row, weights }: { readonly row: ModelRow; readonly weights: WeightRow }) {
  const { mean, std, min, max, zeros, nan, inf, skipped } = weights;
  const facts = [
    t('mean {0}', number(mean)),
    t('std {0}', number(std)),
    t('min {0}', number(min)),
    t('max {0}', number(max)),
    t('{0} zeros', whole(zeros)),
    ...(nan + inf === 0 ? [] : [t('{0} NaN, {1} infinite', whole(nan), whole(inf))]),
  ];
  return (
    <aside class="details" aria-live="polite" aria-label={t('Selected weights')}>
      <div>
        <code>{row.path}</code> {row.type} {shapeText(row.shape)}
        <p class="numbers">{skipped === undefined ? facts.join(' · ') : t('Not read: {0}.', skipped)}</p>
      </div>
      {weights.histogram.length > 0 && (
        <figure>
          <Bins counts={weights.histogram} width={240} height={56} />
          <figcaption>
            <span>{number(min)}</span>
            <span>{number(max)}</span>
          </figcaption>
        </figure>
      )}
    </aside>
  );
}
