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
        <p role="status">Reading the file…</p>
      </main>
    );
  const weights = selected === null ? undefined : state.weights.get(selected.path);
  return (
    <main>
      <Head structure={structure} state={state} send={send} />
      <div class="cards">
        <Ports title="Inputs" ports={structure.inputs} />
        <Ports title="Outputs" ports={structure.outputs} />
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
        <h1>This file cannot be shown</h1>
        <p>{failure.message}</p>
        {failure.fix !== null && <p>{failure.fix}</p>}
        <button onClick={() => send({ type: 'reload' })}>Try again</button>
      </div>
    </main>
  );
}

interface HeadProps {
  readonly structure: ModelStructure;
  readonly state: ModelState;
  readonly send: Send;
}

function Head({ structure, state, send }: HeadProps) {
  const { path, bytes, format, madeBy, parameters } = structure;
  const flops = structure.flops ?? state.feeding?.flops ?? null;
  const facts = [
    format,
    madeBy ?? 'network not known',
    short(bytes, 'B'),
    `${short(parameters)} parameters`,
    ...(flops === null ? [] : [`${short(flops, 'FLOPs')} for one picture`]),
  ];
  return (
    <header>
      <h1>{path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)}</h1>
      <p class="facts" title={`${whole(parameters)} parameters; operations count two per multiply-add`}>
        {facts.join(' · ')}
      </p>
      <div class="bar">
        <button class="primary" disabled={state.notFed !== null} onClick={() => send({ type: 'analyze' })}>
          Analyze an image with this model…
        </button>
        <button onClick={() => send({ type: 'import' })}>Keep in the model store…</button>
        <button onClick={() => send({ type: 'reload' })}>Read again</button>
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
            <code>{name}</code> {type} {shape === null ? 'of unknown rank' : shapeText(shape)}
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
  const listed = operators.slice(0, MOST_OPERATORS).map(({ name, count }) => `${count} ${name}`);
  const more = operators.length - listed.length;
  return (
    <section class="card">
      <h2>Operators</h2>
      <p>
        {listed.join(', ')}
        {more > 0 && ` and ${more} more kinds`}
      </p>
      {missing.length > 0 ? (
        <p class="warning">
          Without a gradient rule: {missing.map(({ name }) => name).join(', ')}. Layers in front of them have
          activations but no heatmaps.
        </p>
      ) : (
        <p class="muted">All of them have a gradient rule or end the gradient by what they compute.</p>
      )}
    </section>
  );
}

function Notes({ structure: { notes, metadata } }: { readonly structure: ModelStructure }) {
  if (notes.length + metadata.length === 0) return null;
  return (
    <section class="card">
      <h2>About the file</h2>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {metadata.length > 0 && (
        <details>
          <summary>Metadata, {metadata.length}</summary>
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
        Statistics of all {all} weights are read.
      </p>
    );
  return (
    <div class="bar">
      <p role="status">
        {weightsFailure !== null
          ? `Reading the weights failed: ${weightsFailure.message} ${weightsFailure.fix ?? ''}`
          : `Statistics of ${weights.size} of ${all} weights are read.`}
      </p>
      {reading === 'reading' ? (
        <button onClick={() => send({ type: 'stopWeights' })}>Stop reading</button>
      ) : (
        <button onClick={() => send({ type: 'readWeights' })}>Go on reading</button>
      )}
    </div>
  );
}

function Details({ row, weights }: { readonly row: ModelRow; readonly weights: WeightRow }) {
  const { mean, std, min, max, zeros, nan, inf, skipped } = weights;
  const facts = [
    `mean ${number(mean)}`,
    `std ${number(std)}`,
    `min ${number(min)}`,
    `max ${number(max)}`,
    `${whole(zeros)} zeros`,
    ...(nan + inf === 0 ? [] : [`${whole(nan)} NaN, ${whole(inf)} infinite`]),
  ];
  return (
    <aside class="details" aria-live="polite" aria-label="Selected weights">
      <div>
        <code>{row.path}</code> {row.type} {shapeText(row.shape)}
        <p class="numbers">{skipped === undefined ? facts.join(' · ') : `Not read: ${skipped}.`}</p>
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
