/** How the last run ended, over whatever is in view: part of the head, so it cannot be scrolled away, until it is dismissed. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Failure } from '../../../protocol/failure';
import { usePanel } from '../context';
import { Button } from '../toolkit';
import { failureTitles } from './Failed';
import { FailureButtons } from './FailureButtons';
import { FailureCode } from './FailureCode';
import { ErrorIcon, WarningIcon } from './icons';
import { t } from '../l10n';

/** @param next takes the focus when the banner goes while it has it */
export function FailureBanner({ next }: { readonly next: RefObject<HTMLElement | null> }) {
  const { failure } = usePanel().state;
  return failure && <Banner failure={failure} next={next} />;
}

interface BannerProps {
  readonly failure: Failure;
  readonly next: RefObject<HTMLElement | null>;
}

function Banner({ failure, next }: BannerProps) {
  const { state, dismiss } = usePanel();
  const { report } = state;
  const frame = useRef<HTMLElement>(null);
  useLayoutEffect(
    () => () => {
      if (frame.current?.contains(document.activeElement)) next.current?.focus({ preventScroll: true });
    },
    [next],
  );
  const cancelled = failure.kind === 'cancelled';
  return (
    <section
      ref={frame}
      class={`banner ${cancelled ? 'banner-info' : 'banner-error'}`}
      aria-label={t('How the last analysis ended')}
    >
      {cancelled ? <WarningIcon /> : <ErrorIcon />}
      {/* Scrolls where it is long, and so takes the focus. */}
      <div class="banner-text" role="alert" tabIndex={0}>
        <h2>{failureTitles[failure.kind]}</h2>
        {!cancelled && <p class="banner-message">{failure.message}</p>}
        {failure.fix !== null && <p>{failure.fix}</p>}
        <p class="muted">
          {report
            ? t('The report below is from an earlier run.')
            : t('Partial results below. No report was saved.')}
        </p>
        <FailureCode failure={failure} />
      </div>
      <div class="buttons">
        <FailureButtons failure={failure} />
        {/* Without a report, what is in view would stand there unexplained. */}
        {report && (
          <Button label={t('Dismiss this message')} onClick={dismiss}>
            {t('Dismiss')}
          </Button>
        )}
      </div>
    </section>
  );
}
