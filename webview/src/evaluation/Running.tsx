/** What is seen while a set is evaluated, and after that was stopped. */
import type { Now, Send } from './state';

export function Running({
  now,
  send,
}: {
  readonly now: Extract<Now, { type: 'running' }>;
  readonly send: Send;
}) {
  const { name, done, total, message } = now;
  return (
    <main>
      <h1>Evaluating {name}</h1>
      <progress aria-label="Pictures" max={Math.max(total, 1)} {...(total === 0 ? {} : { value: done })} />
      <p role="status">{message}</p>
      <p class="muted">
        What is evaluated is kept: after Stop, or when the window was closed, it goes on where it was.
      </p>
      <div class="bar">
        <button
          onClick={() => {
            send({ type: 'cancel' });
          }}
        >
          Stop
        </button>
      </div>
    </main>
  );
}

export function Stopped({
  now,
  send,
}: {
  readonly now: Extract<Now, { type: 'stopped' }>;
  readonly send: Send;
}) {
  const { name, failure } = now;
  return (
    <main>
      <h1>{name}</h1>
      {failure === null ? (
        <p role="status">Stopped. What was evaluated is kept.</p>
      ) : (
        <div role="alert" class="problem">
          <p>{failure.message}</p>
          {failure.fix !== null && <p>{failure.fix}</p>}
        </div>
      )}
      <div class="bar">
        <button
          class="primary"
          onClick={() => {
            send({ type: 'resume' });
          }}
        >
          {failure === null ? 'Go on' : 'Try again'}
        </button>
        <button
          onClick={() => {
            send({ type: 'again' });
          }}
        >
          Begin anew
        </button>
      </div>
    </main>
  );
}
