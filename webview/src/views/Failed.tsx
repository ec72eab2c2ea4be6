/** An analysis that ended without a report: what happened, what to do, and the buttons to do it. */
import type { Failure } from '../../../protocol/failure';
import { usePanel } from '../context';
import { Button } from '../toolkit';
import { ErrorIcon, WarningIcon } from './icons';
import { Remedies } from './Remedies';

const titles: Readonly<Record<Failure['kind'], string>> = {
  usage: 'This cannot be analyzed as asked',
  image: 'This image cannot be analyzed',
  model: 'The model cannot be used',
  device: 'The device cannot be used',
  output: 'The report cannot be written',
  cancelled: 'Cancelled',
  internal: 'Something went wrong inside Inference Lens',
};

/** Where nothing else is known of the image. */
export function Failed({ failure }: { readonly failure: Failure }) {
  return (
    <main class="panel page">
      <FailureCard failure={failure} heading="h1" />
    </main>
  );
}

export interface FailureCardProps {
  readonly failure: Failure;
  /** `h2` above what was known by then, which stays in view. */
  readonly heading: 'h1' | 'h2';
}

export function FailureCard({ failure, heading: Heading }: FailureCardProps) {
  const { state, send } = usePanel();
  const cancelled = failure.kind === 'cancelled';
  return (
    <div class="failure">
      <Heading class={cancelled ? 'title failure-title' : 'title failure-title failure-grave'}>
        {cancelled ? <WarningIcon /> : <ErrorIcon />}
        {titles[failure.kind]}
      </Heading>
      {Heading === 'h1' && <p class="path">{state.image}</p>}
      <p role="alert" class="failure-message">
        {cancelled
          ? 'The analysis was stopped before its report was written. Nothing of it is kept on disk.'
          : failure.message}
      </p>
      {failure.fix !== null && <p class="failure-fix">{failure.fix}</p>}
      {Heading === 'h2' && <p class="muted">Partial results below. No report was saved.</p>}
      <div class="buttons">
        <Button
          appearance="primary"
          onClick={() => {
            send({ type: 'retry', detector: null });
          }}
        >
          {cancelled ? 'Analyze again' : 'Try again'}
        </Button>
        <Remedies failure={failure} />
        {!cancelled && (
          <Button
            onClick={() => {
              send({ type: 'open', what: 'log' });
            }}
          >
            Show log
          </Button>
        )}
      </div>
    </div>
  );
}
