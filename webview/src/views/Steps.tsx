/** The steps of an analysis and the one that runs: stands where the layers will. */
import { ANALYSIS_STEPS } from '../../../protocol/vocabulary';
import { usePanel } from '../context';
import { ProgressRing } from './ProgressRing';
import { CheckIcon } from './icons';
import { t } from '../l10n';
import { analysisStepTitles } from '../text/words';

export function Steps() {
  const { progress, running } = usePanel().state;
  if (!running) return <p class="nothing">{t('Not computed: the analysis ended first.')}</p>;
  return (
    <ol class="steps">
      {ANALYSIS_STEPS.map(({ id: step }) => {
        const now = progress?.step === step;
        const done = progress?.done.includes(step) === true;
        return (
          <li
            key={step}
            class={now ? 'step step-now' : done ? 'step step-done' : 'step'}
            aria-current={now ? 'step' : undefined}
          >
            <span class="step-mark">{done ? <CheckIcon /> : now ? <ProgressRing /> : null}</span>
            {analysisStepTitles[step]}
          </li>
        );
      })}
    </ol>
  );
}
