/** An analysis that ended without a report or first results: what happened, what to do, and the buttons to do it. */
import type { Failure } from '../../../protocol/failure';
import { usePanel } from '../context';
import { FailureButtons } from './FailureButtons';
import { FailureCode } from './FailureCode';
import { Button } from '../toolkit';
import { canEdit, Editing } from './Editing';
import { ErrorIcon, WarningIcon } from './icons';
import { t } from '../l10n';

export const failureTitles: Readonly<Record<Failure['kind'], string>> = {
  usage: t('This cannot be analyzed as requested'),
  image: t('This image cannot be analyzed'),
  model: t('The model cannot be used'),
  device: t('The device cannot be used'),
  output: t('The report cannot be written'),
  cancelled: t('Cancelled'),
  internal: t('Something went wrong inside Inference Lens'),
};

/** Where nothing else is known of the image. */
export function Failed({ failure }: { readonly failure: Failure }) {
  const { state, view, choose } = usePanel();
  const cancelled = failure.kind === 'cancelled';
  return (
    <main class="panel page">
      <div class="failure">
        <h1 class={cancelled ? 'title failure-title' : 'title failure-title failure-grave'}>
          {cancelled ? <WarningIcon /> : <ErrorIcon />}
          {failureTitles[failure.kind]}
        </h1>
        <p class="path">{state.image}</p>
        <p role="alert" class="failure-message">
          {cancelled
            ? t('The analysis was stopped before its report was written. Nothing was saved.')
            : failure.message}
        </p>
        {failure.fix !== null && <p class="failure-fix">{failure.fix}</p>}
        <FailureCode failure={failure} />
        <div class="buttons">
          <FailureButtons failure={failure} />
          {canEdit(state) && !view.editing && (
            <Button onClick={() => choose({ editing: true })}>{t('Draw a box…')}</Button>
          )}
        </div>
      </div>
      <Editing />
    </main>
  );
}
