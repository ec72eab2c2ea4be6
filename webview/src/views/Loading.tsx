/** Before the first results: the steps of an analysis, the one that runs, and how to stop it. */
import { steps } from '../../../protocol/analysis';
import { usePanel } from '../context';
import { stepTitles } from '../text/words';
import { Button, ProgressRing } from '../toolkit';
import { CheckIcon } from './icons';

export function Loading() {
  const { state, send } = usePanel();
  const { progress, image, running } = state;
  const at = progress ? steps.indexOf(progress.step) : -1;
  if (!running) return <main class="panel page" aria-busy="true" />;
  return (
    <main class="panel page" aria-busy="true">
      <h1 class="title">{image?.split(/[\\/]/).at(-1)}</h1>
      <p role="status" class="muted">
        {progress?.message ?? 'Waiting for the engine'}
      </p>
      <progress
        class="page-progress"
        aria-label="Analysis"
        max={1}
        {...(progress ? { value: progress.fraction } : {})}
      />
      <ol class="steps">
        {steps.map((step, i) => (
          <li
            key={step}
            class={i === at ? 'step step-now' : i < at ? 'step step-done' : 'step'}
            aria-current={i === at ? 'step' : undefined}
          >
            <span class="step-mark">{i < at ? <CheckIcon /> : i === at ? <ProgressRing /> : null}</span>
            {stepTitles[step]}
          </li>
        ))}
      </ol>
      <Button
        onClick={() => {
          send({ type: 'cancel' });
        }}
      >
        Cancel
      </Button>
    </main>
  );
}
