/** What is seen while a set is evaluated, and after that was stopped. */
import type { Now, Send } from './state';
import { t } from '../l10n';

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
      <h1>{t('Evaluating {0}', name)}</h1>
      <progress
        aria-label={t('Pictures')}
        max={Math.max(total, 1)}
        {...(total === 0 ? {} : { value: done })}
      />
      <p role="status">{message}</p>
      <p class="muted">
        {t(
          'Results so far are kept: after Stop, or once the window is closed, the evaluation resumes where it stopped.',
        )}
      </p>
      <div class="bar">
        <button
          onClick={() => {
            send({ type: 'cancel' });
          }}
        >
          {t('Stop')}
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
        <p role="status">{t('Stopped. Results so far are kept.')}</p>
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
          {failure === null ? t('Continue') : t('Try again')}
        </button>
        <button
          onClick={() => {
            send({ type: 'again' });
          }}
        >
          {t('Start over')}
        </button>
      </div>
    </main>
  );
}
